import type { DeadLetter, TaskQueue } from "@mayfly/queue";
import { type Clock, crashPoint, type Logger } from "@mayfly/service";
import type { TaskStore, UndeliveredAnswer } from "@mayfly/store";
import { AttemptCounter } from "./attempt-counter.ts";

/** What a {@link DeadLetterHandler} is made of. */
export interface DeadLetterHandlerOptions {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How many failures end a task that no scheduler can take. */
const maxFailures = 5;
const firstDelayMs = 1_000;
const longestDelayMs = 5 * 60_000;
/** For how many tasks it is remembered how often they have died here. */
const rememberedTasks = 10_000;

/**
 * Decides about messages that no scheduler could take. A task that lives is announced again, later each time, until its
 * failures are used up: the scheduler may have been an old version, or have crashed over it. Only a message that is not
 * readable here either ends its task at once.
 */
export class DeadLetterHandler {
  readonly #options: DeadLetterHandlerOptions;
  /** Only makes the pauses longer; the failures that end a task are counted by the store. */
  readonly #deaths = new AttemptCounter(rememberedTasks);

  constructor(options: DeadLetterHandlerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the letter is settled: the store knows what happens next, or there is nothing to be done.
   *
   * @throws when that is not known: the store or the broker is away. The letter is to be handled again
   */
  async handle(letter: DeadLetter, signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#options;
    const id = letter.message?.id ?? letter.id;
    const fields = { task: id, queue: letter.queue, reason: letter.reason };
    if (id === undefined) {
      logger.error(fields, "dead letter of an unknown task dropped");
      return crashPoint("sweeper.after_dead_letter");
    }
    const isReadable = letter.message !== undefined;
    const answer = await store.undelivered({
      id,
      // No task was ever announced under an empty token: the store answers `stale`, unless the task is gone.
      token: letter.message?.token ?? letter.token ?? "",
      scheduledAt: letter.message?.scheduledAt,
      delayMs: Math.min(firstDelayMs * 2 ** this.#deaths.of(id), longestDelayMs),
      maxFailures: isReadable ? maxFailures : 1,
      message: messageOf(letter),
    });
    await this.#settle(answer, letter, fields, signal);
    crashPoint("sweeper.after_dead_letter");
  }

  async #settle(
    answer: UndeliveredAnswer,
    { message }: DeadLetter,
    fields: { readonly task: string | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    const { queue, clock, logger } = this.#options;
    switch (answer.answer) {
      case "released":
        if (fields.task !== undefined) this.#deaths.add(fields.task);
        return logger.warn(fields, "undeliverable task will be announced again");
      case "ended":
        return logger.error({ ...fields, answer: answer.view.outcome }, "undeliverable task ended");
      case "stale":
      case "gone":
        return logger.info({ ...fields, answer: answer.answer }, "dead letter of no consequence");
      case "lost": {
        if (message === undefined) return logger.error(fields, "dead letter of a lost task is not readable, dropped");
        // A scheduler that drops it over and over does so once a second.
        await clock.sleep(firstDelayMs, { signal });
        const published = await queue.publish(message);
        if (published !== "confirmed") throw new Error(`The broker answers ${published}.`);
        return logger.warn(fields, "dead letter of a lost task published again");
      }
    }
  }
}

function messageOf({ queue, reason, message }: DeadLetter): string {
  const where = queue === undefined ? "" : ` in the queue ${queue}`;
  const what = message === undefined ? "The message cannot be read" : "No scheduler could take the message";
  return `${what}: it was given up${where} (${reason}).`;
}
