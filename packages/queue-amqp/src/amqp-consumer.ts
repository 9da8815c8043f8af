import type { Consumer, ConsumeOptions } from "@mayfly/queue";
import { type Clock, errorMessage, type Logger, type Timer } from "@mayfly/service";
import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import { AmqpDelivery } from "./amqp-delivery.ts";
import { atMost } from "./at-most.ts";
import { closeQuietly } from "./close-quietly.ts";
import { DeliveryWindow } from "./delivery-window.ts";
import { KeptChannel } from "./kept-channel.ts";
import { decode } from "./message-codec.ts";
import { declareQueue, declareShared, type Topology } from "./topology.ts";

/** What an {@link AmqpConsumer} is made of. */
export interface AmqpConsumerOptions extends ConsumeOptions {
  readonly name: string;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onClosed: () => void;
}

/** No two renewals of the consumer begin within this time. */
const resizePauseMs = 100;
/** A message that fails keeps its slot so long before it goes back, so that one that always fails makes no busy loop. */
const giveBackPauseMs = 100;
/** An acknowledgement is not known to have arrived; closing the channel at once loses most of them. */
const ackTravelMs = 100;
/** How long a cancel or a close waits for the broker's answer. */
const patienceMs = 2_000;

/**
 * Takes messages of one queue on a channel of its own.
 *
 * States: `detached` (no connection) → `attached` (channel open) → `subscribed` (the broker pushes, or no slot is free);
 * a channel that closes, or a consumer that the broker cancels, is set up again with backoff; `cancelled` for good.
 */
export class AmqpConsumer implements Consumer {
  readonly #options: AmqpConsumerOptions;
  readonly #window: DeliveryWindow<AmqpDelivery>;
  readonly #ending = new AbortController();
  readonly #channel: KeptChannel;
  #tag: string | undefined;
  #tags = 0;
  /** The channel has had its first consumer, or every slot was taken. */
  #isSetUp = false;
  #isCancelled = false;
  /** What the broker sends in spite of a cancel goes back when the channel closes. */
  #isDeaf = false;
  /** The renewal under way; the next one waits for it. */
  #resizing: Promise<void> | undefined;
  #resizedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: AmqpConsumerOptions) {
    this.#options = options;
    this.#window = new DeliveryWindow(options);
    const { name, topology, clock, logger } = options;
    this.#channel = new KeptChannel({
      queue: name,
      clock,
      logger,
      declare: async (channel) => {
        await declareShared(channel, topology);
        await declareQueue(channel, topology, name);
      },
      use: () => this.#resize(),
      onLost: () => {
        this.#tag = undefined;
        this.#isSetUp = false;
        this.#timer?.cancel();
        this.#window.void();
      },
    });
  }

  get isSubscribed(): boolean {
    return this.#isSetUp && !this.#isCancelled && !this.#window.isStuck;
  }

  /** Takes messages over this connection from now on. */
  attach(model: ChannelModel): void {
    this.#channel.attach(model);
  }

  /** The connection is gone. */
  detach(): void {
    this.#channel.detach();
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
    this.#timer?.cancel();
    await atMost(this.#options.clock, patienceMs, this.#lastDelivery());
    this.#isDeaf = true;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { clock, onClosed } = this.#options;
    await this.cancel();
    this.#ending.abort();
    const channel = this.#channel.current;
    if (channel !== undefined) {
      for (const delivery of this.#window.decided) delivery.settle();
      await clock.sleep(ackTravelMs);
      this.#channel.lose(channel);
      await atMost(clock, patienceMs, closeQuietly(channel));
    }
    onClosed();
  }

  async #lastDelivery(): Promise<void> {
    await this.#channel.keepNoMore();
    await this.#resizing;
    await this.#unsubscribe();
  }

  /** Looks whether the consumer has to be renewed, now or when something is overdue. One at a time, with pauses. */
  #review(): void {
    if (this.#channel.current === undefined || this.#isCancelled || this.#resizing !== undefined) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const pausedUntilMs = this.#resizedAtMs + resizePauseMs;
    const overdueMs = this.#window.nextOverdueMs ?? Number.POSITIVE_INFINITY;
    const dueMs = Math.max(pausedUntilMs, this.#window.isTooNarrow ? nowMs : overdueMs);
    this.#timer?.cancel();
    if (dueMs <= nowMs) void this.#resize();
    else if (dueMs < Number.POSITIVE_INFINITY) this.#timer = clock.setTimer(dueMs - nowMs, () => this.#review());
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
    const { name, clock } = this.#options;
    // Deliveries until the broker has confirmed the cancel still come under the old tag, and count.
    await this.#unsubscribe();
    const channel = this.#channel.current;
    if (channel === undefined) return;
    const overdue = this.#window.overdue(clock.monotonicMs());
    for (const delivery of overdue) if (delivery.isDecided) delivery.settle();
    if (overdue.some((delivery) => !delivery.isDecided)) {
      await this.#giveAllBack(channel);
      return;
    }
    this.#window.tidy();
    const { prefetch } = this.#window;
    if (prefetch > 0 && !this.#isCancelled) {
      await channel.prefetch(prefetch);
      const tag = `${name}-${++this.#tags}`;
      this.#tag = tag;
      this.#window.present(tag, prefetch);
      await channel.consume(name, (message) => this.#onMessage(channel, message), { consumerTag: tag });
    }
    if (this.#channel.current === channel) this.#isSetUp = true;
  }

  /** Closes the channel once, which gives back all that the store has not decided: others may reach it. */
  async #giveAllBack(channel: Channel): Promise<void> {
    const { name, clock, logger } = this.#options;
    logger.warn({ queue: name }, "messages held without an answer of the store go back to the queue");
    for (const delivery of this.#window.decided) delivery.settle();
    await clock.sleep(ackTravelMs);
    this.#channel.replace(channel);
    await closeQuietly(channel);
  }

  async #unsubscribe(): Promise<void> {
    const tag = this.#tag;
    this.#tag = undefined;
    if (tag !== undefined) await this.#channel.current?.cancel(tag);
    this.#window.present(undefined, 0);
  }

  #onMessage(channel: Channel, message: ConsumeMessage | null): void {
    const { name, logger, clock } = this.#options;
    // What comes on a channel that was given up goes back when it closes.
    if (channel !== this.#channel.current || this.#isDeaf) return;
    if (message === null) {
      // Its queue was deleted, or an acknowledgement took too long: a new channel declares and consumes anew.
      logger.warn({ queue: name }, "broker cancelled the consumer");
      this.#channel.replace(channel);
      void closeQuietly(channel);
      return;
    }
    this.#channel.praise();
    const announcement = decode(message, name);
    if (announcement === undefined) {
      const messageId: unknown = message.properties.messageId;
      logger.error({ queue: name, messageId }, "message cannot be read, sent to the dead letters");
      channel.reject(message, false);
      return;
    }
    const sinceMs = clock.monotonicMs();
    const onDecided = (): void => this.#review();
    const delivery = new AmqpDelivery({ announcement, message, channel, sinceMs, onDecided });
    this.#window.add(delivery);
    this.#review();
    void this.#handle(delivery);
  }

  async #handle(delivery: AmqpDelivery): Promise<void> {
    const { name, clock, logger, onDelivery } = this.#options;
    try {
      await onDelivery(delivery);
      delivery.settle();
    } catch (error) {
      logger.debug({ queue: name, task: delivery.message.id, error: errorMessage(error) }, "delivery given back");
      await clock.sleep(giveBackPauseMs, { signal: this.#ending.signal });
      delivery.giveBack();
    }
    delivery.isRunning = false;
    this.#window.tidy();
    this.#review();
  }
}
