/** How long one thing may take to end, in milliseconds, when nothing else is said. */
const endLimitMs = 10_000;

/** Ends what has been started, all of it at a time, and waits for none of it for ever. */
export class Teardown {
  readonly #steps: { readonly name: string; readonly end: () => Promise<void> }[] = [];
  readonly #limitMs: number;
  readonly #report: (line: string) => void;
  #ending: Promise<void> | undefined;

  /** @param limitMs - how long one thing may take to end; then it is left, for the death of this process to end it */
  constructor(report: (line: string) => void, limitMs: number = endLimitMs) {
    this.#report = report;
    this.#limitMs = limitMs;
  }

  /** Ends this too; at once when everything is ending already. */
  add(name: string, end: () => Promise<void>): void {
    if (this.#ending === undefined) this.#steps.push({ name, end });
    else void this.#endOne({ name, end });
  }

  /** Resolves when each thing has ended or has had its time. Never rejects; a second call gives the same promise. */
  run(): Promise<void> {
    this.#ending ??= Promise.all(this.#steps.map((step) => this.#endOne(step))).then(() => undefined);
    return this.#ending;
  }

  async #endOne({ name, end }: { readonly name: string; readonly end: () => Promise<void> }): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`took longer than ${this.#limitMs} ms`), this.#limitMs);
    });
    const ended = Promise.resolve()
      .then(end)
      .then(
        () => undefined,
        (error: unknown) => String(error),
      );
    const problem = await Promise.race([ended, late]);
    clearTimeout(timer);
    if (problem !== undefined) this.#report(`chaos: ${name} did not end as it should: ${problem}`);
  }
}
