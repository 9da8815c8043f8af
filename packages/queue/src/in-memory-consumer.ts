import type { Announcement } from "@mayfly/task";
import type { Consumer, ConsumeOptions, Delivery } from "./task-queue.ts";

/** A message on its way, and whether it was handed out before. */
export interface QueuedMessage {
  readonly message: Announcement;
  readonly redelivered: boolean;
}

interface InMemoryConsumerOptions extends ConsumeOptions {
  /** A slot is free again. */
  readonly onFree: () => void;
  /** The message is to be handed out again. */
  readonly onGivenBack: (message: QueuedMessage) => void;
  readonly onClosed: () => void;
}

/**
 * Takes messages of one queue of an InMemoryQueue.
 *
 * A delivery is `handled` until `onDelivery` settles. `close` gives back those that are not owned: what becomes of their
 * handling has no effect here.
 */
export class InMemoryConsumer implements Consumer {
  readonly #options: InMemoryConsumerOptions;
  /** Those that the queue is answerable for: neither owned, nor dropped, nor settled. */
  readonly #unowned = new Set<QueuedMessage>();
  #handled = 0;
  #isCancelled = false;
  #isClosed = false;

  constructor(options: InMemoryConsumerOptions) {
    this.#options = options;
  }

  /** Whether it can take a message. */
  get hasFreeSlot(): boolean {
    return !this.#isCancelled && this.#handled < this.#options.slots;
  }

  get isSubscribed(): boolean {
    return !this.#isCancelled;
  }

  /** Handles a message. Needs a free slot. */
  deliver(queued: QueuedMessage): void {
    this.#handled++;
    this.#unowned.add(queued);
    const settle = (): boolean => this.#unowned.delete(queued);
    const delivery: Delivery = { ...queued, owned: () => void settle(), drop: () => void settle() };
    this.#options
      .onDelivery(delivery)
      .then(settle, () => {
        if (settle()) this.#options.onGivenBack({ ...queued, redelivered: true });
      })
      .finally(() => {
        this.#handled--;
        this.#options.onFree();
      });
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isCancelled = true;
    this.#options.onClosed();
    for (const { message } of this.#unowned) this.#options.onGivenBack({ message, redelivered: true });
    this.#unowned.clear();
  }
}
