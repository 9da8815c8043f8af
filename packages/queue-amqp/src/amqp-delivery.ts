import type { Delivery } from "@mayfly/queue";
import type { Announcement } from "@mayfly/task";
import type { Channel, ConsumeMessage } from "amqplib";
import type { HeldDelivery } from "./delivery-window.ts";

/** What an {@link AmqpDelivery} is made of. */
export interface AmqpDeliveryOptions {
  readonly announcement: Announcement;
  readonly message: ConsumeMessage;
  readonly channel: Channel;
  readonly sinceMs: number;
  /** The broker's copy is no longer needed. */
  readonly onDecided: () => void;
}

/** A message that came on a channel, until the broker has been told what became of it. */
export class AmqpDelivery implements Delivery, HeldDelivery {
  readonly #options: AmqpDeliveryOptions;
  #isOwned = false;
  #isDropped = false;
  isRunning = true;
  isUnacked = true;

  constructor(options: AmqpDeliveryOptions) {
    this.#options = options;
  }

  get message(): Announcement {
    return this.#options.announcement;
  }

  get redelivered(): boolean {
    return this.#options.message.fields.redelivered;
  }

  get tag(): string {
    return this.#options.message.fields.consumerTag;
  }

  get sinceMs(): number {
    return this.#options.sinceMs;
  }

  get isDecided(): boolean {
    return this.#isOwned || this.#isDropped;
  }

  owned(): void {
    this.#isOwned = true;
    this.#options.onDecided();
  }

  drop(): void {
    this.#isDropped = true;
    this.#options.onDecided();
  }

  /** Tells the broker, once, that its copy is done with: dropped ones go to the dead letters. */
  settle(): void {
    this.#answer((channel, message) => {
      if (this.#isDropped) channel.reject(message, false);
      else channel.ack(message);
    });
  }

  /** Tells the broker, once, to hand it out again, unless it has been owned or dropped. */
  giveBack(): void {
    if (this.isDecided) this.settle();
    else this.#answer((channel, message) => channel.reject(message, true));
  }

  #answer(tell: (channel: Channel, message: ConsumeMessage) => void): void {
    if (!this.isUnacked) return;
    this.isUnacked = false;
    try {
      tell(this.#options.channel, this.#options.message);
    } catch {
      // The channel is closing: the broker hands the message to others, and the claim decides.
    }
  }
}
