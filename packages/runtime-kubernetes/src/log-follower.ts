import { type Clock, fullJitterMs } from "@mayfly/service";
import { statusOf } from "./api-error.ts";
import { type LogLine, LogLines } from "./log-lines.ts";

/** What a {@link LogFollower} reads and where it tells what it reads. */
export interface LogFollowerOptions {
  readonly open: (
    range: { readonly sinceTime: string | undefined; readonly follows: boolean },
    signal: AbortSignal,
  ) => AsyncIterable<Buffer>;
  /** Takes a line, and when it was said by the node's clock, in epoch milliseconds. */
  readonly log: (line: string, saidAt: number | undefined) => void;
  /** From when on lines are told, by the same clock. @defaultValue from the beginning */
  readonly sinceMs?: number | undefined;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Fires when the work has ended: its log will not grow. */
  readonly ended: AbortSignal;
}

/**
 * Tells the lines of a pod's log while it grows. A stream that breaks is taken up again where it was, whenever that works;
 * nothing depends on it. It reads as fast as lines come, so that output holds up nobody, and no more of it than is told.
 */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  readonly #closed = new AbortController();
  /** Resolves when everything has been told that will be. Never rejects. */
  readonly done: Promise<void>;
  #leftBytes: number;
  #at = "";
  /** How many lines of the time {@link #at} have been told: the server repeats all of that second. */
  #toldAt = 0;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#leftBytes = options.maxBytes;
    this.done = this.#follow();
  }

  /** Reads no more. */
  close(): void {
    this.#closed.abort();
  }

  async #follow(): Promise<void> {
    const { clock, ended } = this.#options;
    for (let attempt = 0; !this.#isOver; attempt++) {
      // A server may end a log that it follows before the last lines: what has ended is read without following.
      const isLast = ended.aborted;
      const end = await this.#read(!isLast);
      if (end === "gone" || (isLast && end === "whole")) break;
      const pauseMs = end === "whole" ? 250 : fullJitterMs(attempt, { baseMs: 100, maxMs: 5_000 });
      await clock.sleep(pauseMs, { signal: isLast ? this.#closed.signal : ended });
    }
  }

  get #isOver(): boolean {
    return this.#closed.signal.aborted || this.#leftBytes < 0;
  }

  get #firstSinceTime(): string | undefined {
    const { sinceMs } = this.#options;
    return sinceMs === undefined ? undefined : withoutFraction(new Date(sinceMs).toISOString());
  }

  /** Reads on from where it was; resolves with how the stream ended, `gone` if there is no log any more. */
  async #read(follows: boolean): Promise<"whole" | "broken" | "gone"> {
    const stream = new AbortController();
    const abort = (): void => stream.abort();
    this.#closed.signal.addEventListener("abort", abort);
    try {
      const lines = new LogLines();
      const seen = { repeated: this.#toldAt };
      const sinceTime = this.#at === "" ? this.#firstSinceTime : withoutFraction(this.#at);
      for await (const piece of this.#options.open({ sinceTime, follows }, stream.signal)) {
        for (const line of lines.push(piece)) this.#take(line, seen);
        if (this.#isOver) return "whole";
      }
      // Of a log that grows, the last line may be half of one.
      if (!follows) for (const line of lines.end()) this.#take(line, seen);
      return "whole";
    } catch (error) {
      return statusOf(error) === 404 ? "gone" : "broken";
    } finally {
      stream.abort();
      this.#closed.signal.removeEventListener("abort", abort);
    }
  }

  /** Tells a line, unless it was told before the stream broke, or by an owner before. */
  #take({ at, text }: LogLine, seen: { repeated: number }): void {
    if (this.#isOver) return;
    const { log, maxBytes, sinceMs = 0 } = this.#options;
    const saidAt = at === "" ? undefined : epochMs(at);
    // The server gives all of the second in which the log goes on.
    if (saidAt !== undefined && saidAt < sinceMs) return;
    // What the node itself says in between has no time.
    if (at !== "") {
      if (at < this.#at || (at === this.#at && seen.repeated-- > 0)) return;
      this.#toldAt = at === this.#at ? this.#toldAt + 1 : 1;
      this.#at = at;
    }
    this.#leftBytes -= Buffer.byteLength(text) + 1;
    log(this.#leftBytes < 0 ? `[log cut: the pod has written more than ${maxBytes} bytes]` : text, saidAt);
  }
}

/** A time of a log, to the millisecond before it. */
function epochMs(at: string): number {
  return Date.parse(at.replace(/(\.\d{3})\d*/, "$1"));
}

/** A time as the server takes it, to the second. */
function withoutFraction(at: string): string {
  return at.replace(/\.\d+/, "");
}
