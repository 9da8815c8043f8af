/** One line of a trace. */
export interface TraceLine {
  readonly atMs: number;
  /** Which process, or `store`, `client`, `faults`. */
  readonly who: string;
  readonly what: string;
  /** Which task it is about. */
  readonly id: string | undefined;
}

/**
 * What has happened in a simulation, line by line, and a fingerprint of it. Tokens, which are made by chance, are given
 * names in the order in which they are met, so that the same seed gives the same trace.
 */
export class Trace {
  readonly #lines: TraceLine[] = [];
  readonly #names = new Map<string, string>();
  readonly #beginMs: number;

  constructor(beginMs: number) {
    this.#beginMs = beginMs;
  }

  /** 32 bits of a hash over all lines (FNV-1a). */
  get fingerprint(): string {
    let hash = 0x811c9dc5;
    for (const { atMs, who, what, id = "" } of this.#lines) {
      const text = `${atMs - this.#beginMs}${who}${what}${id}`;
      for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    return (hash >>> 0).toString(16).padStart(8, "0");
  }

  /** The stable name of a token. */
  nameOf(token: string): string {
    let name = this.#names.get(token);
    if (name === undefined) {
      name = `#${this.#names.size + 1}`;
      this.#names.set(token, name);
    }
    return name;
  }

  add(atMs: number, who: string, what: string, id?: string): void {
    this.#lines.push({ atMs, who, what, id });
  }

  /** The lines about a task, and those about no task in particular that concern all. */
  linesOf(id: string): readonly string[] {
    return this.#lines.filter((line) => line.id === id || line.who === "faults").map((line) => this.#format(line));
  }

  /** All lines. */
  lines(): readonly string[] {
    return this.#lines.map((line) => this.#format(line));
  }

  #format({ atMs, who, what, id }: TraceLine): string {
    const seconds = ((atMs - this.#beginMs) / 1_000).toFixed(3).padStart(9);
    return `${seconds}  ${who.padEnd(14)} ${what}${id === undefined ? "" : `  (${id.slice(0, 8)})`}`;
  }
}
