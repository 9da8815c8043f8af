import { type Clock, fullJitterMs } from "@mayfly/service";
import { LogFrames, type LogMessage } from "./log-frames.ts";
import { LogLines } from "./log-lines.ts";

/** Which part of a log is wanted. */
export interface LogRange {
  /** From then on, in epoch seconds with a fraction; undefined: from its beginning. */
  readonly since: string | undefined;
  /** To the end of the container; otherwise to what is there. */
  readonly follows: boolean;
}

/** What a {@link LogFollower} reads and where it tells what it reads. */
export interface LogFollowerOptions {
  readonly open: (range: LogRange, signal: AbortSignal) => Promise<AsyncIterable<Buffer>>;
  /** Takes a line, and when it was said by the engine's clock, in epoch milliseconds. */
  readonly log: (line: string, saidAt: number | undefined) => void;
  /** From when on lines are told, by the same clock. @defaultValue from the beginning */
  readonly sinceMs?: number | undefined;
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
    this.#lines = new LogLines((line, at) => options.log(line, epochMs(at)), options.maxBytes);
    this.done = this.#follow();
  }

  /** Reads no more. */
  close(): void {
    this.#closed.abort();
  }

  async #follow(): Promise<void> {
    const { clock, ended } = this.#options;
    for (let attempt = 0; !this.#isOver; attempt++) {
      // An engine may end a log that it follows before the last messages: what has ended is read without following.
      const isLast = ended.aborted;
      const isWhole = await this.#read(!isLast);
      if (isLast && isWhole) break;
      const pauseMs = isWhole ? 250 : fullJitterMs(attempt, { baseMs: 100, maxMs: 5_000 });
      await clock.sleep(pauseMs, { signal: isLast ? this.#closed.signal : ended });
    }
    this.#lines.end();
  }

  get #isOver(): boolean {
    return this.#closed.signal.aborted || this.#lines.isFull;
  }

  get #firstSince(): string | undefined {
    const { sinceMs } = this.#options;
    return sinceMs === undefined ? undefined : (sinceMs / 1_000).toFixed(3);
  }

  /** Reads on from where it was; resolves with whether the stream came to its end. */
  async #read(follows: boolean): Promise<boolean> {
    const stream = new AbortController();
    const abort = (): void => stream.abort();
    this.#closed.signal.addEventListener("abort", abort);
    try {
      const frames = new LogFrames();
      let repeated = this.#toldAt;
      const range = { since: epochSeconds(this.#at) ?? this.#firstSince, follows };
      for await (const piece of await this.#options.open(range, stream.signal)) {
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

/** A time of a log, to the millisecond before it. */
function epochMs(at: string | undefined): number | undefined {
  return at === undefined ? undefined : Date.parse(at.replace(/(\.\d{3})\d*/, "$1"));
}

/** A time of a log as the engine takes it, to the nanosecond. */
function epochSeconds(at: string): string | undefined {
  const [, seconds, fraction] = /^(.*)\.(\d{9})Z$/.exec(at) ?? [];
  return seconds === undefined ? undefined : `${Date.parse(`${seconds}Z`) / 1_000}.${fraction}`;
}
