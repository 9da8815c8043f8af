import { type ConsumeOptions, type Consumer, type Delivery, InMemoryQueue } from "@mayfly/queue";
import type { Announcement } from "@mayfly/task";

/** A queue whose deliveries a test makes by hand, also after the consumer was cancelled. */
export class HandFedQueue extends InMemoryQueue {
  /** A subscription is answered when this resolves, while deliveries may come already. */
  subscribed: Promise<void> = Promise.resolve();
  #onDelivery: ConsumeOptions["onDelivery"] | undefined;

  /** Whether somebody has begun to consume. */
  get isConsumed(): boolean {
    return this.#onDelivery !== undefined;
  }

  override async consume(name: string, options: ConsumeOptions): Promise<Consumer> {
    this.#onDelivery = options.onDelivery;
    await this.subscribed;
    return super.consume(name, options);
  }

  /** Hands over a message; resolves with what the scheduler did about it. `onStep` hears of each step at once. */
  async deliver(message: Announcement, onStep: (step: string) => void = () => undefined): Promise<readonly string[]> {
    const done: string[] = [];
    const tell = (step: string): void => {
      done.push(step);
      onStep(step);
    };
    const delivery: Delivery = {
      message,
      redelivered: false,
      owned: () => tell("owned"),
      drop: () => tell("drop"),
    };
    if (this.#onDelivery === undefined) throw new Error("Nobody consumes.");
    await this.#onDelivery(delivery).then(
      () => tell("acknowledge"),
      () => tell("give back"),
    );
    return done;
  }
}
