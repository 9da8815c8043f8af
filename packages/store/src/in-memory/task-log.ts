import { type LogPage, type LogRequest, logCutMark, maxLogBytes } from "../log.ts";

/** The log of one task: at most so many bytes, and a line that says so. */
export class TaskLog {
  #chunks: Buffer[] = [];
  #size = 0;

  /** Whether all of `text` is kept. */
  append(text: string): boolean {
    if (this.#size > maxLogBytes) return false;
    const bytes = Buffer.from(text);
    const room = maxLogBytes - this.#size;
    if (bytes.length <= room) {
      this.#add(bytes);
      return true;
    }
    this.#add(bytes.subarray(0, wholeCharacters(bytes, room)));
    // Longer than what is missing of a character, so that the size says from now on that the log is cut.
    this.#add(Buffer.from(logCutMark));
    return false;
  }

  read({ from, limitBytes }: LogRequest): Pick<LogPage, "text" | "next"> & { readonly isRead: boolean } {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    let start = from;
    while (start < bytes.length && isContinuation(bytes, start)) start++;
    const next = wholeCharacters(bytes, Math.min(bytes.length, start + Math.max(4, limitBytes)));
    return { text: bytes.toString("utf8", start, next), next, isRead: next === bytes.length };
  }

  #add(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }
}

/** How many of the first `length` bytes are whole characters. */
function wholeCharacters(bytes: Buffer, length: number): number {
  let end = length;
  while (end > 0 && end < bytes.length && isContinuation(bytes, end)) end--;
  return end;
}

function isContinuation(bytes: Buffer, at: number): boolean {
  return ((bytes[at] ?? 0) & 0xc0) === 0x80;
}
