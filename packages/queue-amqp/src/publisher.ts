import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import type { Announcement } from "@mayfly/task";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import { atMost } from "./at-most.ts";
import { propertiesOf } from "./message-codec.ts";

/** What became of a publish: see `TaskQueue.publish`. */
export type PublishAnswer = "confirmed" | "unroutable" | "unknown";

/** What a {@link Publisher} is made of. */
export interface PublisherOptions {
  readonly exchange: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many publishes may be in flight. */
  readonly window: number;
  readonly confirmTimeoutMs: number;
}

/**
 * Publishes with confirms on a channel of its own. An unroutable message comes back as a return and *then* a positive
 * confirm, so that only "confirmed and not returned" is success. During a memory alarm confirms just do not come.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  /** How many returned messages wait for their confirm, by message. */
  readonly #returned = new Map<string, number>();
  /** What is in flight, and how to end the wait for it. */
  readonly #inFlight = new Map<Promise<PublishAnswer>, (answer: PublishAnswer) => void>();
  #channel: ConfirmChannel | undefined;
  #isBlocked = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Whether a publish can be confirmed now. */
  get canPublish(): boolean {
    return this.#channel !== undefined && !this.#isBlocked;
  }

  /** Begins to publish on a new connection. */
  async attach(model: ChannelModel): Promise<void> {
    const { logger } = this.#options;
    this.#isBlocked = false;
    model.on("blocked", (reason) => {
      this.#isBlocked = true;
      logger.warn({ reason }, "broker is short of resources and takes no messages");
    });
    model.on("unblocked", () => {
      this.#isBlocked = false;
      logger.info({}, "broker takes messages again");
    });
    const channel = await model.createConfirmChannel();
    channel.on("return", ({ properties }) => {
      const key = keyOf(String(properties.messageId), String(properties.correlationId));
      this.#returned.set(key, (this.#returned.get(key) ?? 0) + 1);
    });
    channel.on("error", (error) => logger.warn({ error: error.message }, "publishing channel failed"));
    channel.on("close", () => {
      if (this.#channel === channel) this.detach();
      // The channel is all that this connection is for: a new one comes with a new connection.
      void model.close().catch(() => undefined);
    });
    this.#channel = channel;
  }

  /** The connection is gone: what is in flight has an unknown fate. */
  detach(): void {
    this.#channel = undefined;
    this.#returned.clear();
    for (const settle of this.#inFlight.values()) settle("unknown");
  }

  async publish(announcement: Announcement): Promise<PublishAnswer> {
    const { exchange, window, confirmTimeoutMs, clock, logger } = this.#options;
    const channel = this.#channel;
    if (channel === undefined || this.#isBlocked || this.#inFlight.size >= window) return "unknown";
    let settle: (answer: PublishAnswer) => void = () => undefined;
    const published = new Promise<PublishAnswer>((resolve) => {
      settle = resolve;
    });
    const timer = clock.setTimer(confirmTimeoutMs, () => settle("unknown"));
    this.#inFlight.set(published, settle);
    try {
      const body = Buffer.from(announcement.body);
      channel.publish(exchange, announcement.scheduler, body, propertiesOf(announcement), (error: unknown) =>
        settle(this.#answerOf(announcement, error)),
      );
    } catch (error) {
      logger.debug({ error: errorMessage(error) }, "publish refused by the channel");
      settle("unknown");
    }
    try {
      return await published;
    } finally {
      timer.cancel();
      this.#inFlight.delete(published);
    }
  }

  /** Resolves when nothing is in flight, after `limitMs` at the latest. */
  async drained(limitMs: number): Promise<void> {
    await atMost(this.#options.clock, limitMs, Promise.all(this.#inFlight.keys()));
  }

  #answerOf(announcement: Announcement, error: unknown): PublishAnswer {
    const key = keyOf(announcement.id, announcement.token);
    const returns = this.#returned.get(key) ?? 0;
    if (returns > 1) this.#returned.set(key, returns - 1);
    else this.#returned.delete(key);
    if (error !== null && error !== undefined) return "unknown";
    return returns > 0 ? "unroutable" : "confirmed";
  }
}

function keyOf(id: string, token: string): string {
  return `${id} ${token}`;
}
