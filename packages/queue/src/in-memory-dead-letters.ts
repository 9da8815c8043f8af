import type { Clock } from "@mayfly/service";
import type { ConsumeDeadOptions, Consumer, DeadLetter } from "./task-queue.ts";

/** A letter whose handling failed is handled again after so long, in milliseconds. */
const repeatPauseMs = 1_000;

/** The dead letters of an InMemoryQueue, in the order in which they died, until a consumer has handled them. */
export class InMemoryDeadLetters {
  readonly #clock: Clock;
  readonly #waiting: DeadLetter[] = [];
  readonly #consumers = new Set<DeadLetterConsumer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a letter, and hands it out when a consumer has a free slot. */
  add(letter: DeadLetter): void {
    this.#waiting.push(letter);
    this.#serve();
  }

  /** Starts to take letters. */
  consume(options: ConsumeDeadOptions): Consumer {
    const consumer = new DeadLetterConsumer({
      ...options,
      clock: this.#clock,
      onFree: () => this.#serve(),
      onClosed: (unhandled) => {
        this.#consumers.delete(consumer);
        this.#waiting.unshift(...unhandled);
        this.#serve();
      },
    });
    this.#consumers.add(consumer);
    this.#serve();
    return consumer;
  }

  /** Closes its consumers. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const consumer = [...this.#consumers].find((each) => each.hasFreeSlot);
      const letter = consumer && this.#waiting.shift();
      if (letter === undefined) return;
      void consumer?.deliver(letter);
    }
  }
}

interface DeadLetterConsumerOptions extends ConsumeDeadOptions {
  readonly clock: Clock;
  readonly onFree: () => void;
  readonly onClosed: (unhandled: readonly DeadLetter[]) => void;
}

class DeadLetterConsumer implements Consumer {
  readonly #options: DeadLetterConsumerOptions;
  readonly #ending = new AbortController();
  /** Those that are being handled, and that wait to be handled again. */
  readonly #held = new Set<DeadLetter>();
  #running = 0;
  #isCancelled = false;

  constructor(options: DeadLetterConsumerOptions) {
    this.#options = options;
  }

  get hasFreeSlot(): boolean {
    return !this.#isCancelled && this.#running < this.#options.slots;
  }

  get isSubscribed(): boolean {
    return !this.#isCancelled;
  }

  /** Handles a letter until that succeeds. Needs a free slot. */
  async deliver(letter: DeadLetter): Promise<void> {
    const { onDeadLetter, clock, onFree } = this.#options;
    const { signal } = this.#ending;
    this.#running++;
    this.#held.add(letter);
    while (this.#held.has(letter)) {
      try {
        await onDeadLetter(letter);
        this.#held.delete(letter);
      } catch {
        await clock.sleep(repeatPauseMs, { signal });
      }
    }
    this.#running--;
    onFree();
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
  }

  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#isCancelled = true;
    const unhandled = [...this.#held];
    this.#held.clear();
    this.#ending.abort();
    this.#options.onClosed(unhandled);
  }
}
