import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import type { Announcement } from "@mayfly/task";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import { atMost } from "./at-most.ts";
import { closeQuietly } from "./close-quietly.ts";
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

/** A channel on which the broker refuses messages is replaced when it is so old. */
const renewAfterMs = 2_000;

/**
 * Publishes with confirms on a channel of its own. An unroutable message comes back as a return and *then* a positive
 * confirm, so that only "confirmed and not returned" is success. During a memory alarm confirms just do not come.
 *
 * A refusal (nack) may mean that the queue is full; but a channel whose first message for a queue came while that had no
 * leader is refused everything for that queue from then on (seen with RabbitMQ 3.10, a node of a cluster being killed).
 * So refusals lead to a new channel now and then; the old one goes when its last confirm has come.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  /** How many returned messages wait for their confirm, by message. */
  readonly #returned = new Map<string, number>();
  /** What is in flight, and how to end the wait for it. */
  readonly #inFlight = new Map<Promise<PublishAnswer>, (answer: PublishAnswer) => void>();
  #model: ChannelModel | undefined;
  #channel: ConfirmChannel | undefined;
  /** Those that a newer one has replaced. */
  readonly #retired = new WeakSet<ConfirmChannel>();
  #openedAtMs = 0;
  #isRenewing = false;
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
    this.#model = model;
    this.#channel = await this.#open(model);
  }

  /** The connection is gone: what is in flight has an unknown fate. */
  detach(): void {
    this.#model = undefined;
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

  async #open(model: ChannelModel): Promise<ConfirmChannel> {
    const { logger, clock } = this.#options;
    const channel = await model.createConfirmChannel();
    this.#openedAtMs = clock.monotonicMs();
    channel.on("return", ({ properties }) => {
      const key = keyOf(String(properties.messageId), String(properties.correlationId));
      this.#returned.set(key, (this.#returned.get(key) ?? 0) + 1);
    });
    channel.on("nack", () => {
      if (channel === this.#channel) void this.#renew(model, channel);
    });
    channel.on("error", (error) => logger.warn({ error: error.message }, "publishing channel failed"));
    channel.on("close", () => {
      if (this.#retired.has(channel)) return;
      if (channel === this.#channel) this.detach();
      // The channel is all that this connection is for: a new one comes with a new connection.
      void model.close().catch(() => undefined);
    });
    return channel;
  }

  async #renew(model: ChannelModel, old: ConfirmChannel): Promise<void> {
    const { logger, clock } = this.#options;
    if (this.#isRenewing || clock.monotonicMs() - this.#openedAtMs < renewAfterMs) return;
    this.#isRenewing = true;
    try {
      const channel = await this.#open(model);
      if (this.#model !== model) return;
      this.#retired.add(old);
      this.#channel = channel;
      logger.debug({}, "publishing channel renewed: the broker refuses messages");
    } catch {
      // The connection is lost, and the next one brings a channel of its own.
      return;
    } finally {
      this.#isRenewing = false;
    }
    await Promise.all(this.#inFlight.keys());
    await closeQuietly(old);
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
