import type { ConsumeDeadOptions, Consumer } from "@mayfly/queue";
import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import { atMost } from "./at-most.ts";
import { closeQuietly } from "./close-quietly.ts";
import { deadLetterOf } from "./dead-letter-codec.ts";
import { KeptChannel } from "./kept-channel.ts";
import { declareSharedIfAllowed, type Topology } from "./topology.ts";

/** What a {@link DeadLetterConsumer} is made of. */
export interface DeadLetterConsumerOptions extends ConsumeDeadOptions {
  readonly topology: Topology;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onClosed: () => void;
}

interface Letter {
  readonly message: ConsumeMessage;
  readonly channel: Channel;
}

/** A letter whose handling failed is handled again after so long. */
const repeatPauseMs = 1_000;
/** An acknowledgement is not known to have arrived; closing the channel at once loses most of them. */
const ackTravelMs = 100;
/** How long a cancel or a close waits for the broker's answer. */
const patienceMs = 2_000;

/**
 * Takes the dead letters of one deployment, on a channel of its own.
 *
 * A letter is held while it is handled, again and again until that succeeds: giving it back would count towards the
 * delivery limit that RabbitMQ 4 sets to 20, beyond which the letter would be lost.
 */
export class DeadLetterConsumer implements Consumer {
  readonly #options: DeadLetterConsumerOptions;
  readonly #channel: KeptChannel;
  readonly #ending = new AbortController();
  /** Came while earlier ones, from a channel that was lost, still took their slots. */
  #waiting: Letter[] = [];
  #running = 0;
  #tag: string | undefined;
  #isCancelled = false;
  /** What the broker sends in spite of a cancel goes back when the channel closes. */
  #isDeaf = false;
  #closing: Promise<void> | undefined;

  constructor(options: DeadLetterConsumerOptions) {
    const { topology, clock, logger } = options;
    this.#options = options;
    this.#channel = new KeptChannel({
      queue: topology.dead,
      clock,
      logger,
      declare: (_, model) => declareSharedIfAllowed(clock, logger, model, topology),
      use: (channel) => this.#subscribe(channel),
      onLost: () => {
        this.#tag = undefined;
        this.#waiting = [];
      },
    });
  }

  get isSubscribed(): boolean {
    return this.#tag !== undefined && !this.#isCancelled;
  }

  /** Takes letters over this connection from now on. */
  attach(model: ChannelModel): void {
    this.#channel.attach(model);
  }

  /** The connection is gone. */
  detach(): void {
    this.#channel.detach();
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
    await atMost(this.#options.clock, patienceMs, this.#unsubscribe());
    this.#isDeaf = true;
    this.#waiting = [];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { clock, onClosed } = this.#options;
    // First: the broker may take longer to answer than a letter waits before it is handled again.
    this.#ending.abort();
    await this.cancel();
    const channel = this.#channel.current;
    if (channel !== undefined) {
      await clock.sleep(ackTravelMs);
      this.#channel.lose(channel);
      await atMost(clock, patienceMs, closeQuietly(channel));
    }
    onClosed();
  }

  async #subscribe(channel: Channel): Promise<void> {
    const { topology, slots } = this.#options;
    if (this.#isCancelled) return;
    await channel.prefetch(slots);
    const { consumerTag } = await channel.consume(topology.dead, (message) => this.#onMessage(channel, message));
    if (this.#channel.current === channel) this.#tag = consumerTag;
  }

  async #unsubscribe(): Promise<void> {
    await this.#channel.keepNoMore();
    const tag = this.#tag;
    this.#tag = undefined;
    if (tag !== undefined) await this.#channel.current?.cancel(tag);
  }

  #onMessage(channel: Channel, message: ConsumeMessage | null): void {
    const { topology, logger } = this.#options;
    if (channel !== this.#channel.current || this.#isDeaf) return;
    if (message === null) {
      // The queue was deleted, or an acknowledgement took too long.
      logger.warn({ queue: topology.dead }, "broker cancelled the consumer");
      this.#channel.replace(channel);
      void closeQuietly(channel);
      return;
    }
    this.#channel.praise();
    this.#waiting.push({ message, channel });
    this.#serve();
  }

  #serve(): void {
    while (this.#running < this.#options.slots) {
      const letter = this.#waiting.shift();
      if (letter === undefined) return;
      this.#running++;
      void this.#handle(letter).finally(() => {
        this.#running--;
        this.#serve();
      });
    }
  }

  async #handle({ message, channel }: Letter): Promise<void> {
    const { onDeadLetter, clock, logger, topology } = this.#options;
    const letter = deadLetterOf(message);
    // A letter of a lost channel comes again by itself.
    while (channel === this.#channel.current && !this.#ending.signal.aborted) {
      try {
        await onDeadLetter(letter);
        acknowledge(channel, message);
        return;
      } catch (error) {
        const fields = { queue: topology.dead, task: letter.id, error: errorMessage(error) };
        logger.warn(fields, "dead letter not handled, will be repeated");
        await clock.sleep(repeatPauseMs, { signal: this.#ending.signal });
      }
    }
  }
}

function acknowledge(channel: Channel, message: ConsumeMessage): void {
  try {
    channel.ack(message);
  } catch {
    // The channel is closing: the letter comes again, and its handler finds that nothing is left to do.
  }
}
