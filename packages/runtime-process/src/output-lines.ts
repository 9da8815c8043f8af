/** What the output of a run is told with, and how much of it. */
export interface OutputLinesOptions {
  /** Takes a line, without its end. */
  readonly log: (line: string) => void;
  readonly maxBytes: number;
  readonly maxLineBytes: number;
}

const newline = 0x0a;
const nothing = Buffer.alloc(0);

/**
 * Makes lines of the output of a run, and keeps no more of it than one line of each stream. Lines are cut at
 * `maxLineBytes`; after `maxBytes` of lines comes one that says so, and the rest is dropped as it comes.
 */
export class OutputLines {
  readonly #options: OutputLinesOptions;
  #leftBytes: number;
  #isFull = false;

  constructor(options: OutputLinesOptions) {
    this.#options = options;
    this.#leftBytes = options.maxBytes;
  }

  /** A stream of the run: takes its chunks, and at its end `end`. */
  stream(): OutputStream {
    const { maxLineBytes } = this.#options;
    let line = nothing;
    let isCut = false;
    const add = (part: Buffer): void => {
      const room = maxLineBytes - line.length;
      isCut ||= part.length > room;
      if (part.length > 0 && room > 0) line = Buffer.concat([line, part.subarray(0, room)]);
    };
    const flush = (): void => {
      this.#tell(line, isCut);
      line = nothing;
      isCut = false;
    };
    return {
      write: (chunk) => {
        if (this.#isFull) return;
        let start = 0;
        for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
          add(chunk.subarray(start, end));
          flush();
          start = end + 1;
          if (this.#isFull) return;
        }
        add(chunk.subarray(start));
      },
      end: () => {
        if (line.length > 0) flush();
      },
    };
  }

  #tell(line: Buffer, isCut: boolean): void {
    if (this.#isFull) return;
    if (line.length + 1 > this.#leftBytes) {
      this.#isFull = true;
      this.#options.log(`[log cut: the command has written more than ${this.#options.maxBytes} bytes]`);
      return;
    }
    this.#leftBytes -= line.length + 1;
    const text = isCut ? `${withoutBrokenEnd(line).toString()} [cut]` : line.toString();
    this.#options.log(text.endsWith("\r") ? text.slice(0, -1) : text);
  }
}

/** See {@link OutputLines.stream}. */
export interface OutputStream {
  write(chunk: Buffer): void;
  end(): void;
}

/** Without the bytes of a character whose other bytes were cut off (UTF-8, RFC 3629). */
function withoutBrokenEnd(line: Buffer): Buffer {
  let start = line.length - 1;
  while (start > line.length - 4 && start > 0 && isContinuation(line[start])) start--;
  const first = line[start] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start + length > line.length ? line.subarray(0, start) : line;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
