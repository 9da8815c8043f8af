import type { LogMessage } from "./log-frames.ts";

/** How long a line may be; what comes beyond is dropped. */
const maxLineBytes = 8_192;

/** Makes lines of the messages of a log, and tells at most `maxBytes` of them, then one line that says so. */
export class LogLines {
  readonly #log: (line: string, at: string | undefined) => void;
  readonly #maxBytes: number;
  readonly #lines = { stdout: new Line(), stderr: new Line() };
  #leftBytes: number;
  #isFull = false;

  /** @param log - takes each line with the time of the message that has completed it, if one has */
  constructor(log: (line: string, at: string | undefined) => void, maxBytes: number) {
    this.#log = log;
    this.#maxBytes = maxBytes;
    this.#leftBytes = maxBytes;
  }

  /** Nothing more is told. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes the next message. */
  add({ stream, text, at }: LogMessage): void {
    const line = this.#lines[stream];
    line.add(text);
    if (text.at(-1) === 0x0a) this.#tell(line.take(), at);
  }

  /** Tells what has no end of line yet: nothing will follow. */
  end(): void {
    for (const line of [this.#lines.stdout, this.#lines.stderr]) if (!line.isEmpty) this.#tell(line.take());
  }

  #tell(line: string, at?: string): void {
    if (this.#isFull) return;
    this.#leftBytes -= Buffer.byteLength(line) + 1;
    this.#isFull = this.#leftBytes < 0;
    if (this.#isFull) this.#log(`[log cut: the container has written more than ${this.#maxBytes} bytes]`, undefined);
    else this.#log(line, at);
  }
}

/** A line as it grows. */
class Line {
  #parts: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Buffer): void {
    const room = maxLineBytes - this.#bytes;
    this.#isCut ||= part.length > room;
    // A copy: the piece that the part is in is large, and would be kept with it.
    if (room > 0) this.#parts.push(Buffer.from(part.subarray(0, room)));
    this.#bytes += Math.min(part.length, Math.max(room, 0));
  }

  take(): string {
    const text = Buffer.concat(this.#parts)
      .toString()
      .replace(/\r?\n$/, "");
    const line = this.#isCut ? `${text} [cut]` : text;
    this.#parts = [];
    this.#bytes = 0;
    this.#isCut = false;
    return line;
  }
}
