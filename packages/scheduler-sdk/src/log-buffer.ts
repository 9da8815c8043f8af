const firstBytes = 1_024;

/**
 * Lines that wait to be stored, as bytes: never more than the limit and a line that tells of those there was no room for.
 */
export class LogBuffer {
  readonly #limitBytes: number;
  #bytes = Buffer.alloc(0);
  #size = 0;
  #droppedLines = 0;
  #droppedBytes = 0;

  constructor(options: { readonly limitBytes: number }) {
    this.#limitBytes = options.limitBytes;
  }

  /** How many bytes wait. */
  get size(): number {
    return this.#size;
  }

  /** All that waits. */
  get text(): string {
    return this.#bytes.toString("utf8", 0, this.#size);
  }

  /** Adds a line. Once one has been dropped, so are those after it until there is room: the order stays. */
  add(line: string): void {
    const length = Buffer.byteLength(line) + 1;
    if (this.#droppedLines > 0 || this.#size + length > this.#limitBytes) {
      this.#droppedLines++;
      this.#droppedBytes += length;
    } else this.#append(`${line}\n`, length);
  }

  /** Forgets the first `length` bytes, which are stored. */
  discard(length: number): void {
    this.#bytes.copyWithin(0, length, this.#size);
    this.#size -= length;
    if (this.#size === 0) this.#bytes = Buffer.alloc(0);
    if (this.#droppedLines === 0) return;
    const lines = this.#droppedLines === 1 ? "1 line" : `${this.#droppedLines} lines`;
    const gap = `--- ${lines} (${this.#droppedBytes} bytes) dropped here: not stored in time ---\n`;
    this.#append(gap, gap.length);
    this.#droppedLines = 0;
    this.#droppedBytes = 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.#bytes = Buffer.alloc(0);
    this.#size = 0;
    this.#droppedLines = 0;
    this.#droppedBytes = 0;
  }

  #append(text: string, length: number): void {
    const needed = this.#size + length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(firstBytes, needed, Math.min(2 * this.#bytes.length, this.#limitBytes)));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    this.#bytes.write(text, this.#size);
    this.#size = needed;
  }
}
