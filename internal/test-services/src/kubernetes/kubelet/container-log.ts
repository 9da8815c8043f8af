/** Output that came together: whole lines, or a part of a long one. */
export interface LogPiece {
  readonly atMs: number;
  readonly bytes: Buffer;
}

const newline = 10;
/** An unfinished line that is longer is not kept waiting, as by the container runtime interface. */
const longestWait = 16_384;
/** What is kept of the output: older lines are lost, as when the kubelet rotates log files. */
const longestLog = 50 * 1024 * 1024;

/** The output of a container, both streams in the order in which they came. */
export class ContainerLog {
  readonly #now: () => number;
  readonly #readers = new Set<() => void>();
  #pieces: LogPiece[] = [];
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

  /** The number that the next piece will have; pieces are numbered from 0. */
  get end(): number {
    return this.#dropped + this.#pieces.length;
  }

  /** The pieces from this number on, as far as they are kept. */
  from(number: number): readonly LogPiece[] {
    return this.#pieces.slice(Math.max(0, number - this.#dropped));
  }

  /** Takes the output of one stream; an unfinished line waits for its end. */
  writer(): { write(chunk: Buffer): void; end(): void } {
    let rest: Buffer = Buffer.alloc(0);
    return {
      write: (chunk) => {
        const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        const lines = bytes.lastIndexOf(newline) + 1;
        const taken = bytes.length - lines > longestWait ? bytes.length : lines;
        if (taken > 0) this.#append(bytes.subarray(0, taken));
        rest = bytes.subarray(taken);
      },
      end: () => {
        if (rest.length > 0) this.#append(rest);
        rest = Buffer.alloc(0);
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
    this.#pieces.push({ atMs: this.#now(), bytes });
    this.#size += bytes.length;
    if (this.#size > longestLog) {
      const dropped = this.#pieces.splice(0, Math.ceil(this.#pieces.length / 2));
      this.#dropped += dropped.length;
      this.#size -= dropped.reduce((sum, piece) => sum + piece.bytes.length, 0);
    }
    this.#tell();
  }

  #tell(): void {
    for (const reader of this.#readers) reader();
  }
}
