/** A line with its end, and when it was written. */
export interface LogLine {
  readonly atMs: number;
  readonly bytes: Buffer;
}

const newline = 10;
/** Longer lines are stored in parts, as by the container runtime interface. */
const longestPart = 16_384;
/** What is kept of the output: older lines are lost, as when the kubelet rotates log files. */
const longestLog = 50 * 1024 * 1024;

/** The output of a container, both streams in the order in which they came. */
export class ContainerLog {
  readonly #now: () => number;
  readonly #readers = new Set<() => void>();
  #lines: LogLine[] = [];
  #size = 0;
  #dropped = 0;
  #isEnded = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether nothing more will come. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The number that the next line will have; lines are numbered from 0. */
  get end(): number {
    return this.#dropped + this.#lines.length;
  }

  /** The lines from this number on, as far as they are kept. */
  from(number: number): readonly LogLine[] {
    return this.#lines.slice(Math.max(0, number - this.#dropped));
  }

  /** Takes the output of one stream; an unfinished line waits for its end. */
  writer(): { write(chunk: Buffer): void; end(): void } {
    let rest: Buffer = Buffer.alloc(0);
    return {
      write: (chunk) => {
        rest = Buffer.concat([rest, chunk]);
        let start = 0;
        while (start < rest.length) {
          const at = rest.indexOf(newline, start);
          const end = at === -1 ? rest.length : at + 1;
          if (at === -1 && end - start < longestPart) break;
          this.#append(rest.subarray(start, Math.min(end, start + longestPart)));
          start = Math.min(end, start + longestPart);
        }
        rest = rest.subarray(start);
        this.#tell();
      },
      end: () => {
        if (rest.length > 0) this.#append(rest);
        this.#tell();
      },
    };
  }

  close(): void {
    this.#isEnded = true;
    this.#tell();
  }

  /** Calls `reader` when there is more, or the end. Returns what stops that. */
  follow(reader: () => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  #append(bytes: Buffer): void {
    this.#lines.push({ atMs: this.#now(), bytes });
    this.#size += bytes.length;
    if (this.#size <= longestLog) return;
    const kept = Math.floor(this.#lines.length / 2);
    this.#dropped += kept;
    this.#lines = this.#lines.slice(kept);
    this.#size = this.#lines.reduce((sum, line) => sum + line.bytes.length, 0);
  }

  #tell(): void {
    for (const reader of this.#readers) reader();
  }
}
