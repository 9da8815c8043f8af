import type { Announcement } from "@mayfly/task";
import type { Consumer, ConsumeOptions, Delivery } from "./task-queue.ts";

/** A message on its way, and whether it was handed out before. */
export interface QueuedMessage {
  readonly message: Announcement;
  readonly redelivered: boolean;
}

/** What an {@link InMemoryConsumer} is made of. */
export interface InMemoryConsumerOptions extends ConsumeOptions {
  /** A slot is free again. */
  readonly onFree: () => void;
  /** The message is to be handed out again. */
  readonly onGivenBack: (message: QueuedMessage) => void;
  readonly onDropped: (message: Announcement) => void;
  readonly onClosed: () => void;
}

/**
 * Takes messages of one queue of an InMemoryQueue.
 *
 * A delivery takes a slot until `onDelivery` settles. `close` gives back those that are not owned: what becomes of their
 * handling has no effect here.
 */
export class InMemoryConsumer implements Consumer {
  readonly #options: InMemoryConsumerOptions;
  /** Those that the queue is answerable for: neither owned, nor dropped, nor settled. */
  readonly #unowned = new Set<QueuedMessage>();
  #running = 0;
  #isCancelled = false;
  #isClosed = false;

  constructor(options: InMemoryConsumerOptions) {
    this.#options = options;
  }

  /** Whether it can take a message. */
  get hasFreeSlot(): boolean {
    return !this.#isCancelled && this.#running < this.#options.slots;
  }

  get isSubscribed(): boolean {
    return !this.#isCancelled;
  }

  /** Handles a message. Needs a free slot. */
  async deliver(queued: QueuedMessage): Promise<void> {
    const { onDelivery, onFree, onGivenBack, onDropped } = this.#options;
    const settle = (): boolean => this.#unowned.delete(queued);
    const delivery: Delivery = {
      ...queued,
      owned: () => void settle(),
      drop: () => {
        if (settle()) onDropped(queued.message);
      },
    };
    this.#running++;
    this.#unowned.add(queued);
    try {
      await onDelivery(delivery);
      settle();
    } catch {
      if (settle()) onGivenBack({ ...queued, redelivered: true });
    } finally {
      this.#running--;
      onFree();
    }
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isCancelled = true;
    this.#options.onClosed();
    const unowned = [...this.#unowned];
    this.#unowned.clear();
    for (const queued of unowned) this.#options.onGivenBack({ ...queued, redelivered: true });
  }
}
