import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import type { Announcement } from "@mayfly/task";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import { propertiesOf } from "./message-codec.ts";

type PublishAnswer = "confirmed" | "unroutable" | "unknown";

/**
 * Publishes with confirms on a channel of its own. An unroutable message comes back as a return and *then* a positive
 * confirm, so that only "confirmed and not returned" is success. During a memory alarm confirms just do not come.
 */
export class Publisher {
  readonly #exchange: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #window: number;
  readonly #confirmTimeoutMs: number;
  /** How many returned messages wait for their confirm, by message. */
  readonly #returned = new Map<string, number>();
  /** What is in flight, and how to end the wait for it. */
  readonly #inFlight = new Map<Promise<PublishAnswer>, (answer: PublishAnswer) => void>();
  #channel: ConfirmChannel | undefined;
  #isBlocked = false;

  constructor(options: {
    readonly exchange: string;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly window: number;
    readonly confirmTimeoutMs: number;
  }) {
    this.#exchange = options.exchange;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#window = options.window;
    this.#confirmTimeoutMs = options.confirmTimeoutMs;
  }

  /** Whether a publish can be confirmed now. */
  get canPublish(): boolean {
    return this.#channel !== undefined && !this.#isBlocked;
  }

  /** Begins to publish on a new connection. */
  async attach(model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    model.on("blocked", (reason) => {
      this.#isBlocked = true;
      this.#logger.warn({ reason }, "broker is short of resources and takes no messages");
    });
    model.on("unblocked", () => {
      this.#isBlocked = false;
      this.#logger.info({}, "broker takes messages again");
    });
    channel.on("return", (message) => {
      const key = keyOf(message.properties.messageId as string, message.properties.correlationId as string);
      this.#returned.set(key, (this.#returned.get(key) ?? 0) + 1);
    });
    channel.on("error", (error) => this.#logger.warn({ error: error.message }, "publishing channel failed"));
    channel.on("close", () => {
      if (this.#channel === channel) this.detach();
      // The channel is all that this connection is for: a new one comes with a new connection.
      void model.close().catch(() => undefined);
    });
    this.#isBlocked = false;
    this.#channel = channel;
  }

  /** The connection is gone: what is in flight has an unknown fate. */
  detach(): void {
    this.#channel = undefined;
    this.#returned.clear();
    for (const settle of [...this.#inFlight.values()]) settle("unknown");
  }

  publish(announcement: Announcement): Promise<PublishAnswer> {
    const channel = this.#channel;
    if (channel === undefined || this.#isBlocked || this.#inFlight.size >= this.#window)
      return Promise.resolve("unknown");
    let settle: (answer: PublishAnswer) => void = () => undefined;
    const published = new Promise<PublishAnswer>((resolve) => {
      settle = resolve;
    });
    const timer = this.#clock.setTimer(this.#confirmTimeoutMs, () => settle("unknown"));
    this.#inFlight.set(published, settle);
    void published.then(() => {
      timer.cancel();
      this.#inFlight.delete(published);
    });
    try {
      const body = Buffer.from(announcement.body);
      channel.publish(this.#exchange, announcement.scheduler, body, propertiesOf(announcement), (error: unknown) =>
        settle(this.#answerOf(announcement, error)),
      );
    } catch (error) {
      this.#logger.debug({ error: errorMessage(error) }, "publish refused by the channel");
      settle("unknown");
    }
    return published;
  }

  /** Resolves when nothing is in flight, after `confirmTimeoutMs` at the latest. */
  async drained(): Promise<void> {
    await Promise.all(this.#inFlight.keys());
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
