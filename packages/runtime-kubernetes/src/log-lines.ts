/** A line of a pod's log. */
export interface LogLine {
  /** RFC 3339 with nine digits after the second: of one log, later ones are greater as strings. Empty: it has none. */
  readonly at: string;
  readonly text: string;
}

/** How long a line may be; what comes beyond is dropped. */
const maxLineBytes = 8_192;

/** Room for the time before each line. */
const maxHeadBytes = 64;

const lineFeed = 0x0a;

const timePattern = /^\d{4}-\d\d-\d\dT/;

/** Takes apart a log with times: a time, a space, the line. */
export class LogLines {
  #parts: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  /** Takes the next piece and gives the lines that it completes. */
  *push(piece: Buffer): Generator<LogLine> {
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end !== -1; end = piece.indexOf(lineFeed, start)) {
      this.#add(piece.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    this.#add(piece.subarray(start));
  }

  /** The line that has no end yet: nothing will follow. */
  *end(): Generator<LogLine> {
    if (this.#bytes > 0) yield this.#take();
  }

  #add(part: Buffer): void {
    const room = maxHeadBytes + maxLineBytes - this.#bytes;
    this.#isCut ||= part.length > room;
    // A copy: the piece that the part is in is large, and would be kept with it.
    if (room > 0) this.#parts.push(Buffer.from(part.subarray(0, room)));
    this.#bytes += Math.min(part.length, Math.max(room, 0));
  }

  #take(): LogLine {
    const line = Buffer.concat(this.#parts);
    const head = line.toString("latin1", 0, Math.max(0, line.indexOf(0x20)));
    const at = timePattern.test(head) ? head : "";
    const split = at.length;
    const whole = line.subarray(split === 0 ? 0 : split + 1);
    const isCut = this.#isCut || whole.length > maxLineBytes;
    const text = whole.toString("utf8", 0, maxLineBytes).replace(/\r$/, "");
    this.#parts = [];
    this.#bytes = 0;
    this.#isCut = false;
    return { at, text: isCut ? `${text} [cut]` : text };
  }
}
