/** One line of JSON log. */
export type LogLine = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly take: (line: LogLine) => void;
  readonly fail: (reason: string) => void;
}

/** Cuts output into lines, keeps those that are JSON objects, and finds lines among them. */
export class LogReader {
  readonly #lines: LogLine[] = [];
  readonly #waiting = new Set<Waiting>();
  #rest = "";
  #ended: string | undefined;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Takes the next piece of output. */
  push(text: string): void {
    const pieces = (this.#rest + text).split("\n");
    this.#rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      const line = parse(piece);
      if (line === undefined) continue;
      this.#lines.push(line);
      for (const waiting of this.#waiting) waiting.take(line);
    }
  }

  /** No more lines will come: everyone who waits is told why. */
  end(reason: string): void {
    this.#ended = reason;
    for (const waiting of this.#waiting) waiting.fail(reason);
  }

  /** The first line, old or new, that the predicate accepts. Rejects with the reason, a string, when there is none. */
  async find(predicate: (line: LogLine) => boolean, timeoutMs: number): Promise<LogLine> {
    const known = this.#lines.find(predicate);
    if (known !== undefined) return known;
    if (this.#ended !== undefined) throw new Error(this.#ended);
    return await new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        take: (line) => {
          if (!predicate(line)) return;
          settle();
          resolve(line);
        },
        fail: (reason) => {
          settle();
          reject(new Error(reason));
        },
      };
      const timer = setTimeout(() => waiting.fail(`it took longer than ${timeoutMs} ms`), timeoutMs);
      this.#waiting.add(waiting);
    });
  }
}

function parse(text: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
