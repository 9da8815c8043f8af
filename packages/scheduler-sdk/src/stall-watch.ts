import type { Clock, Logger, Timer } from "@mayfly/service";

/** Options of {@link StallWatch}. */
export interface StallWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A block from this length on is told, in milliseconds. */
  readonly fromMs: number;
  /** The ids of the tasks that run now. */
  readonly running: () => Iterable<string>;
}

/** How often the event loop is asked for a sign of life, in milliseconds. */
const periodMs = 500;

/** How many tasks a warning names. */
const namedTasks = 20;

/**
 * Warns when something has blocked the event loop: a timer that comes late says for how long nothing else of this
 * process could run. It names the tasks that ran meanwhile, for one of them it was, unless the whole process was stopped.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  /** The tasks that ran at the last sign of life, and those that have begun since. */
  #suspects = new Set<string>();
  #timer: Timer;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#timer = this.#setTimer();
  }

  /** A task begins to run. */
  note(id: string): void {
    this.#suspects.add(id);
  }

  /** Watches no longer. Idempotent. */
  stop(): void {
    this.#timer.cancel();
  }

  #setTimer(): Timer {
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + periodMs;
    return clock.setTimer(periodMs, () => {
      this.#timer = this.#setTimer();
      this.#look(clock.monotonicMs() - dueMs);
    });
  }

  #look(blockedMs: number): void {
    const { logger, fromMs, running } = this.#options;
    if (blockedMs >= fromMs) {
      const tasks = [...this.#suspects];
      logger.warn(
        { blockedMs: Math.round(blockedMs), tasks: tasks.slice(0, namedTasks), of: tasks.length },
        "event loop blocked: run what computes without a pause in processes or in a pool of workers",
      );
    }
    this.#suspects = new Set(running());
  }
}
