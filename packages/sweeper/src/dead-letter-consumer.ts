import type { DeadLetter, TaskQueue } from "@mayfly/queue";
import { type Clock, errorMessage, Lifecycle, type Logger, type Service } from "@mayfly/service";
import type { TaskStore } from "@mayfly/store";
import { DeadLetterHandler } from "./dead-letter-handler.ts";

/** What a {@link DeadLetterConsumer} is made of. */
export interface DeadLetterConsumerOptions {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How many dead letters are handled at a time. */
const slots = 16;
/** After how long a refused subscription is tried again, in milliseconds. */
const retryMs = 30_000;

/**
 * Takes the dead letters of all queues. A broker that refuses them is logged and asked again: the timeouts of tasks must
 * not depend on the rights to a queue.
 */
export class DeadLetterConsumer implements Service {
  readonly #queue: TaskQueue;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #handler: DeadLetterHandler;
  readonly #lifecycle = new Lifecycle();
  readonly #handling = new Set<Promise<void>>();
  #stopping = new AbortController();
  #consuming: Promise<void> = Promise.resolve();

  constructor(options: DeadLetterConsumerOptions) {
    this.#queue = options.queue;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#handler = new DeadLetterHandler(options);
  }

  /** Begins to take dead letters, as soon as the broker lets it. */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      this.#stopping = new AbortController();
      this.#consuming = this.#consume(this.#stopping.signal);
    });
  }

  /** Resolves when the letters under way are settled or given back. */
  stop(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      this.#stopping.abort();
      await this.#consuming;
      await Promise.allSettled(this.#handling);
    });
  }

  /** {@link DeadLetterConsumer.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #consume(signal: AbortSignal): Promise<void> {
    const onDeadLetter = (letter: DeadLetter): Promise<void> => this.#handle(letter, signal);
    while (!signal.aborted) {
      try {
        const consumer = await this.#queue.consumeDead({ slots, onDeadLetter });
        await aborted(signal);
        await consumer.close();
      } catch (error) {
        this.#logger.error({ error: errorMessage(error) }, "dead letters are not taken, will be tried again");
        await this.#clock.sleep(retryMs, { signal });
      }
    }
  }

  async #handle(letter: DeadLetter, signal: AbortSignal): Promise<void> {
    const handling = this.#handler.handle(letter, signal);
    this.#handling.add(handling);
    try {
      await handling;
    } catch (error) {
      const fields = { task: letter.message?.id ?? letter.id, error: errorMessage(error) };
      this.#logger.warn(fields, "dead letter not settled, will be repeated");
      throw error;
    } finally {
      this.#handling.delete(handling);
    }
  }
}

/** Resolves when `signal` fires. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
