import { type Clock, fullJitterMs } from "@mayfly/service";
import { LogFrames, type LogMessage } from "./log-frames.ts";
import { LogLines } from "./log-lines.ts";

/** What a {@link LogFollower} reads and where it tells what it reads. */
export interface LogFollowerOptions {
  /** Opens the log from `since` (epoch seconds with a fraction) to its end. */
  readonly open: (since: string | undefined, signal: AbortSignal) => Promise<AsyncIterable<Buffer>>;
  readonly log: (line: string) => void;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Fires when the container has ended: its log will not grow. */
  readonly ended: AbortSignal;
}

/**
 * Tells the lines of a container's log while it grows. A stream that breaks is taken up again where it was, whenever that
 * works; nothing depends on it. It reads as fast as lines come, so that output holds up nobody, and no more of it than is told.
 */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  readonly #lines: LogLines;
  readonly #closed = new AbortController();
  /** Resolves when everything has been told that will be. Never rejects. */
  readonly done: Promise<void>;
  #at = "";
  /** How many messages of the time {@link #at} have been told: the engine repeats all of that time. */
  #toldAt = 0;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#lines = new LogLines(options.log, options.maxBytes);
    this.done = this.#follow();
  }

  /** Reads no more. */
  close(): void {
    this.#closed.abort();
  }

  async #follow(): Promise<void> {
    const { clock, ended } = this.#options;
    for (let attempt = 0; !this.#isOver; attempt++) {
      const isWhole = await this.#read();
      if (this.#isOver || (isWhole && ended.aborted)) break;
      // A log ends a moment before its container is known to have ended: no need to read it once more.
      const pauseMs = isWhole ? 250 : fullJitterMs(attempt, { baseMs: 100, maxMs: 5_000 });
      await clock.sleep(pauseMs, { signal: ended.aborted ? this.#closed.signal : ended });
      if (isWhole && ended.aborted) break;
    }
    if (!this.#closed.signal.aborted) this.#lines.end();
  }

  get #isOver(): boolean {
    return this.#closed.signal.aborted || this.#lines.isFull;
  }

  /** Reads on from where it was; resolves with whether the stream came to its end. */
  async #read(): Promise<boolean> {
    const stream = new AbortController();
    const abort = (): void => stream.abort();
    this.#closed.signal.addEventListener("abort", abort);
    try {
      const frames = new LogFrames();
      let repeated = this.#toldAt;
      for await (const piece of await this.#options.open(epochSeconds(this.#at), stream.signal)) {
        for (const message of frames.push(piece)) {
          if (message.at < this.#at || (message.at === this.#at && repeated-- > 0)) continue;
          this.#tell(message);
        }
        if (this.#isOver) return true;
      }
      return true;
    } catch {
      return false;
    } finally {
      stream.abort();
      this.#closed.signal.removeEventListener("abort", abort);
    }
  }

  #tell(message: LogMessage): void {
    this.#toldAt = message.at === this.#at ? this.#toldAt + 1 : 1;
    this.#at = message.at;
    this.#lines.add(message);
  }
}

/** A time of a log as the engine takes it, to the nanosecond. */
function epochSeconds(at: string): string | undefined {
  const [, seconds, fraction] = /^(.*)\.(\d{9})Z$/.exec(at) ?? [];
  return seconds === undefined ? undefined : `${Date.parse(`${seconds}Z`) / 1_000}.${fraction}`;
}
