import type { Consumer, ConsumeOptions } from "@mayfly/queue";
import { type Clock, errorMessage, fullJitterMs, type Logger, type Timer } from "@mayfly/service";
import type { Announcement } from "@mayfly/task";
import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import { DeliveryWindow, type HeldDelivery } from "./delivery-window.ts";
import { decode } from "./message-codec.ts";
import { declareQueue, declareShared, type Topology } from "./topology.ts";

/** What an {@link AmqpConsumer} is made of. */
export interface AmqpConsumerOptions extends ConsumeOptions {
  readonly name: string;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onClosed: (consumer: AmqpConsumer) => void;
}

interface Held extends HeldDelivery {
  readonly message: ConsumeMessage;
  readonly channel: Channel;
}

/** No two renewals of the consumer begin within this time. */
const resizePauseMs = 100;
/** An acknowledgement is not known to have arrived; closing the channel at once loses most of them. */
const ackTravelMs = 100;
const restore = { baseMs: 100, maxMs: 5_000 };

/**
 * Takes messages of one queue on a channel of its own.
 *
 * States: `detached` (no connection) → `attached` (channel open) → `subscribed` (the broker pushes, or no slot is free);
 * a channel that closes, or a consumer that the broker cancels, is set up again with backoff; `cancelled` for good.
 */
export class AmqpConsumer implements Consumer {
  readonly #options: AmqpConsumerOptions;
  readonly #window: DeliveryWindow;
  readonly #closing = new AbortController();
  #model: ChannelModel | undefined;
  #channel: Channel | undefined;
  #tag: string | undefined;
  #failures = 0;
  #isCancelled = false;
  #isClosed = false;
  /** The renewal under way; the next one waits for it. */
  #resizing: Promise<void> | undefined;
  #resizedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(options: AmqpConsumerOptions) {
    this.#options = options;
    this.#window = new DeliveryWindow(options);
  }

  get isSubscribed(): boolean {
    const isTaking = this.#tag !== undefined || this.#resizing !== undefined || this.#window.free <= 0;
    return this.#channel !== undefined && !this.#isCancelled && isTaking;
  }

  /** Subscribes on a new connection. Resolves when the first attempt is over. */
  async attach(model: ChannelModel): Promise<void> {
    this.#model = model;
    await this.#open();
  }

  /** The connection is gone. */
  detach(): void {
    this.#model = undefined;
    this.#lose(this.#channel);
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
    this.#timer?.cancel();
    await this.#resizing;
    await this.#unsubscribe();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.cancel();
    this.#closing.abort();
    for (const held of this.#window.held) if (held.isOwned) this.#ack(held as Held);
    const channel = this.#channel;
    if (channel !== undefined) {
      await this.#options.clock.sleep(ackTravelMs);
      await channel.close().catch(() => undefined);
    }
    this.#lose(channel);
    this.#options.onClosed(this);
  }

  async #open(): Promise<void> {
    const { name, topology, logger } = this.#options;
    const model = this.#model;
    if (model === undefined || this.#isCancelled) return;
    try {
      const channel = await model.createChannel();
      channel.on("error", (error) => logger.warn({ queue: name, error: error.message }, "consuming channel failed"));
      channel.on("close", () => this.#onChannelClosed(channel));
      await declareShared(channel, topology);
      await declareQueue(channel, topology, name);
      this.#channel = channel;
      this.#failures = 0;
      await this.#resize();
    } catch (error) {
      logger.warn({ queue: name, error: errorMessage(error) }, "queue not subscribed, will be tried again");
      this.#openLater();
    }
  }

  #onChannelClosed(channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#lose(channel);
    this.#openLater();
  }

  #openLater(): void {
    const { clock } = this.#options;
    void clock.sleep(fullJitterMs(this.#failures++, restore), { signal: this.#closing.signal }).then(async () => {
      if (this.#channel === undefined) await this.#open();
    });
  }

  #lose(channel: Channel | undefined): void {
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    this.#tag = undefined;
    this.#timer?.cancel();
    this.#window.void();
  }

  /** Looks whether the consumer has to be renewed, now or when something is overdue. One at a time, with pauses. */
  #review(): void {
    if (this.#channel === undefined || this.#isCancelled || this.#resizing !== undefined) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const overdueMs = this.#window.nextOverdueMs;
    const isDue = this.#window.isTooNarrow || (overdueMs !== undefined && overdueMs <= nowMs);
    const inMs = isDue
      ? this.#resizedAtMs + resizePauseMs - nowMs
      : overdueMs === undefined
        ? undefined
        : overdueMs - nowMs;
    this.#timer?.cancel();
    if (inMs === undefined) return;
    if (isDue && inMs <= 0) void this.#resize();
    else this.#timer = clock.setTimer(inMs, () => this.#review());
  }

  /** The one routine that changes the prefetch: a consumer's cannot be changed, so that it is cancelled and made anew. */
  #resize(): Promise<void> {
    this.#resizing ??= this.#renew()
      .catch((error: unknown) => {
        // The channel has failed, and its close event sets everything up again.
        this.#options.logger.debug({ queue: this.#options.name, error: errorMessage(error) }, "consumer not renewed");
      })
      .finally(() => {
        this.#resizing = undefined;
        this.#resizedAtMs = this.#options.clock.monotonicMs();
        this.#review();
      });
    return this.#resizing;
  }

  async #renew(): Promise<void> {
    const { name, clock, logger } = this.#options;
    // Deliveries until the broker has confirmed the cancel still come under the old tag, and count.
    await this.#unsubscribe();
    const channel = this.#channel;
    if (channel === undefined) return;
    const overdue = this.#window.overdue(clock.monotonicMs()) as readonly Held[];
    for (const held of overdue) if (held.isOwned) this.#ack(held);
    if (overdue.some((held) => !held.isOwned)) {
      logger.warn({ queue: name }, "messages held without an answer of the store go back to the queue");
      for (const held of this.#window.held) if (held.isOwned) this.#ack(held as Held);
      await clock.sleep(ackTravelMs);
      await channel.close();
      this.#onChannelClosed(channel);
      return;
    }
    const prefetch = this.#window.free;
    if (prefetch <= 0 || this.#isCancelled || this.#window.isStuck) return;
    await channel.prefetch(prefetch);
    const tag = `${name}-${Math.random().toString(36).slice(2)}`;
    this.#tag = tag;
    this.#window.present(tag, prefetch);
    await channel.consume(name, (message) => this.#onMessage(channel, tag, message), { consumerTag: tag });
  }

  async #unsubscribe(): Promise<void> {
    const tag = this.#tag;
    this.#tag = undefined;
    if (tag !== undefined) await this.#channel?.cancel(tag).catch(() => undefined);
    this.#window.present(undefined, 0);
  }

  #onMessage(channel: Channel, tag: string, message: ConsumeMessage | null): void {
    const { name, logger, clock, onDelivery } = this.#options;
    if (message === null) {
      logger.warn({ queue: name }, "broker cancelled the consumer");
      // Its queue was deleted, or an acknowledgement took too long: a new channel declares and consumes anew.
      void channel.close().catch(() => undefined);
      this.#onChannelClosed(channel);
      return;
    }
    const announcement = decode(message, name);
    if (announcement === undefined) {
      logger.error(
        { queue: name, messageId: message.properties.messageId },
        "message cannot be read, sent to the dead letters",
      );
      channel.reject(message, false);
      return;
    }
    const sinceMs = clock.monotonicMs();
    const held: Held = { message, channel, tag, sinceMs, isOwned: false, isRunning: true, isUnacked: true };
    this.#window.add(held);
    this.#review();
    onDelivery(this.#delivery(announcement, held)).then(
      () => this.#settle(held, () => this.#ack(held)),
      (error: unknown) => {
        logger.debug({ queue: name, task: announcement.id, error: errorMessage(error) }, "delivery given back");
        this.#settle(held, () => this.#reject(held, { requeue: true }));
      },
    );
  }

  #delivery(announcement: Announcement, held: Held): Parameters<ConsumeOptions["onDelivery"]>[0] {
    return {
      message: announcement,
      redelivered: held.message.fields.redelivered,
      owned: () => {
        held.isOwned = true;
      },
      drop: () => this.#reject(held, { requeue: false }),
    };
  }

  #settle(held: Held, answer: () => void): void {
    held.isRunning = false;
    answer();
    this.#window.tidy(held);
    this.#review();
  }

  #ack(held: Held): void {
    if (!held.isUnacked) return;
    held.isUnacked = false;
    held.channel.ack(held.message);
    this.#window.tidy(held);
  }

  #reject(held: Held, options: { readonly requeue: boolean }): void {
    if (!held.isUnacked) return;
    held.isUnacked = false;
    held.channel.reject(held.message, options.requeue);
    this.#window.tidy(held);
  }
}
