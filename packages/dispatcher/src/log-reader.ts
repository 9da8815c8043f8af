import type { Clock } from "@mayfly/service";
import type { LogPage, TaskStore } from "@mayfly/store";
import { DispatcherError, translateErrors } from "./dispatcher-error.ts";

/** How to read a log. */
export interface ReadLog {
  /** Where to begin: 0, or the `next` of a piece. @defaultValue 0 */
  readonly from?: number | undefined;
  /** Whether to go on with what comes until the task is done. @defaultValue false */
  readonly follow?: boolean | undefined;
  /** Ends the reading, which is no error. */
  readonly signal?: AbortSignal | undefined;
}

/** A piece of a log, of whole characters. */
export interface LogPiece {
  readonly text: string;
  /** Where the log goes on, in bytes from its beginning. */
  readonly next: number;
  /** Whether the task is done and nothing comes after this piece. */
  readonly isEnded: boolean;
}

/** How much is read at a time, in bytes: all that is kept of a log for a reader who does not take it. */
const pieceBytes = 65_536;
/** The first pause after which a log that has grown is looked at again; it doubles as long as nothing comes. */
const shortestPauseMs = 250;
const longestPauseMs = 2_000;
/** For how long a log that is followed may be missing, with its store or in it, before its reader is told. */
const patienceMs = 30_000;
/** The same for a reader who resumes, until its first piece: whoever asks waits for an answer to begin, and not for long. */
const resumePatienceMs = 10_000;

/** Reads logs from the store, and follows those of tasks that run. */
export class LogReader {
  readonly #store: TaskStore;
  readonly #clock: Clock;
  readonly #maxFollowers: number;
  #followers = 0;

  constructor(options: { readonly store: TaskStore; readonly clock: Clock; readonly maxFollowers: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#maxFollowers = options.maxFollowers;
  }

  /** See `Dispatcher.logs`. */
  async *read(id: string, options: ReadLog): AsyncGenerator<LogPiece, void, undefined> {
    if (options.follow !== true) {
      yield* this.#pieces(id, options);
      return;
    }
    if (this.#followers >= this.#maxFollowers) {
      throw new DispatcherError(
        "too_many_followers",
        `${this.#maxFollowers} logs are followed already. Repeat later, or read what is there without following it.`,
      );
    }
    this.#followers++;
    try {
      yield* this.#pieces(id, options);
    } finally {
      this.#followers--;
    }
  }

  async *#pieces(id: string, options: ReadLog): AsyncGenerator<LogPiece, void, undefined> {
    const { follow = false, signal } = options;
    let from = options.from ?? 0;
    let isBegun = false;
    let pauseMs = shortestPauseMs;
    // Who begins within a log has seen the task before.
    let limitMs = follow && from > 0 ? resumePatienceMs : 0;
    let missingSinceMs: number | undefined;
    for (;;) {
      let page: LogPage | undefined;
      try {
        page = await this.#look(id, from);
      } catch (error) {
        // A store that is away comes back, and one that was wiped gets the task back from whoever runs it.
        missingSinceMs ??= this.#clock.monotonicMs();
        if (this.#clock.monotonicMs() - missingSinceMs >= limitMs) throw error;
      }
      if (page !== undefined) {
        missingSinceMs = undefined;
        if (page.text !== "") pauseMs = shortestPauseMs;
        if (!isBegun || page.text !== "" || page.isEnded) yield pieceOf(page);
        if (page.isEnded || signal?.aborted) return;
        isBegun = true;
        if (follow) limitMs = patienceMs;
        const hasMore = isFull(page, from);
        from = page.next;
        if (hasMore) continue;
        if (!follow) return;
      }
      await this.#clock.sleep(pauseMs, { signal });
      if (signal?.aborted) return;
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    }
  }

  /** @throws DispatcherError `unknown_task`, `store_unavailable` */
  async #look(id: string, from: number): Promise<LogPage> {
    const page = await translateErrors(() => this.#store.readLog(id, { from, limitBytes: pieceBytes }));
    if (!page.isKnown) {
      throw new DispatcherError(
        "unknown_task",
        `There is no task ${id}: it never was, or it has been done for longer than tasks are remembered.`,
      );
    }
    return page;
  }
}

/** Whether there may be more already: a page ends up to three bytes early, so that its last character is whole. */
function isFull(page: LogPage, from: number): boolean {
  return page.next - from > pieceBytes - 4;
}

function pieceOf({ text, next, isEnded }: LogPage): LogPiece {
  return { text, next, isEnded };
}
