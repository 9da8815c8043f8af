import { maxLogBytes } from "@mayfly/store";

const firstBytes = 1_024;
const newline = 0x0a;
/** How far apart the places are whose time is kept, in bytes: many lines need no more of them than few. */
const timedBytes = 1_024;

/** The first lines that wait. */
export interface LogHead {
  readonly text: string;
  /** How long they are, in bytes. */
  readonly size: number;
  /** When the last of them was said, or one shortly before; undefined: not known. */
  readonly saidAt?: number | undefined;
}

/**
 * Lines that wait to be stored, as bytes: as many as a log takes, and one more. What comes beyond that is dropped, for it
 * could only be what the store cuts off.
 */
export class LogBuffer {
  #bytes = Buffer.alloc(0);
  #size = 0;
  /** When lines were said, by where they end, in their order. */
  #times: { readonly end: number; readonly saidAt: number }[] = [];

  /** How many bytes wait. */
  get size(): number {
    return this.#size;
  }

  /** The first lines that wait, of about `limitBytes` at most, which must be more than a line has. */
  head(limitBytes: number): LogHead {
    const size = this.#size <= limitBytes ? this.#size : this.#bytes.lastIndexOf(newline, limitBytes - 1) + 1;
    const saidAt = this.#times.findLast(({ end }) => end <= size)?.saidAt;
    return { text: this.#bytes.toString("utf8", 0, size), size, saidAt };
  }

  /** Adds a line. @param saidAt - when it was said, in epoch milliseconds; what is no such time counts as not known */
  add(line: string, saidAt?: number): void {
    if (this.#size >= maxLogBytes) return;
    const needed = this.#size + Buffer.byteLength(line) + 1;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(firstBytes, needed, Math.min(2 * this.#bytes.length, maxLogBytes)));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    this.#bytes.write(`${line}\n`, this.#size);
    this.#size = needed;
    // It comes from whatever runtime there is.
    const timeMs = Math.floor(saidAt ?? Number.NaN);
    if (Number.isSafeInteger(timeMs) && timeMs >= 0) this.#time(timeMs);
  }

  /** Forgets the first `size` bytes, which are stored. */
  discard(size: number): void {
    this.#bytes.copyWithin(0, size, this.#size);
    this.#size -= size;
    this.#times = this.#times.flatMap(({ end, saidAt }) => (end > size ? [{ end: end - size, saidAt }] : []));
    if (this.#size === 0) this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#bytes = Buffer.alloc(0);
    this.#size = 0;
    this.#times = [];
  }

  #time(saidAt: number): void {
    const startsAt = this.#times.at(-2)?.end ?? 0;
    if (this.#size - startsAt < timedBytes) this.#times.pop();
    this.#times.push({ end: this.#size, saidAt });
  }
}
