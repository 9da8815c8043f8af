import { maxLogBytes } from "@mayfly/store";

const firstBytes = 1_024;
const newline = 0x0a;

/**
 * Lines that wait to be stored, as bytes: as many as a log takes, and one more. What comes beyond that is dropped, for it
 * could only be what the store cuts off.
 */
export class LogBuffer {
  #bytes = Buffer.alloc(0);
  #size = 0;

  /** How many bytes wait. */
  get size(): number {
    return this.#size;
  }

  /** The first lines that wait, of about `limitBytes` at most, which must be more than a line has. */
  head(limitBytes: number): { readonly text: string; readonly size: number } {
    const size = this.#size <= limitBytes ? this.#size : this.#bytes.lastIndexOf(newline, limitBytes - 1) + 1;
    return { text: this.#bytes.toString("utf8", 0, size), size };
  }

  /** Adds a line. */
  add(line: string): void {
    if (this.#size >= maxLogBytes) return;
    const needed = this.#size + Buffer.byteLength(line) + 1;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(firstBytes, needed, Math.min(2 * this.#bytes.length, maxLogBytes)));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    this.#bytes.write(`${line}\n`, this.#size);
    this.#size = needed;
  }

  /** Forgets the first `size` bytes, which are stored. */
  discard(size: number): void {
    this.#bytes.copyWithin(0, size, this.#size);
    this.#size -= size;
    if (this.#size === 0) this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#bytes = Buffer.alloc(0);
    this.#size = 0;
  }
}
