import type { RunContext } from "@mayfly/runtime";

/** The context of a run that keeps what the run says. */
export class RecordedRun implements RunContext {
  readonly signal: AbortSignal;
  readonly attempt = 1;
  readonly number: number;
  readonly deadline: number;
  readonly loggedAt: number | undefined;
  readonly lines: string[] = [];
  /** When each of the lines was said. */
  readonly times: (number | undefined)[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(
    options: {
      readonly number?: number;
      readonly deadline?: number;
      readonly signal?: AbortSignal;
      readonly loggedAt?: number | undefined;
    } = {},
  ) {
    this.signal = options.signal ?? new AbortController().signal;
    this.number = options.number ?? 1;
    this.deadline = options.deadline ?? Date.now() + 600_000;
    this.loggedAt = options.loggedAt;
  }

  /** When the latest line was said. */
  get saidAt(): number | undefined {
    return this.times.at(-1);
  }

  log(line: string, options?: { readonly saidAt?: number | undefined }): void {
    this.lines.push(line);
    this.times.push(options?.saidAt);
    for (const look of this.#waiting) look();
  }

  progress(): void {}

  /** Resolves when this line has been said. */
  async said(line: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.lines.includes(line)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
