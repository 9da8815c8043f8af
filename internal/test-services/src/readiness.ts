import type { OwnedProcess } from "./owned-process.ts";

/** Collects output until a text occurs in it. */
export class Readiness {
  readonly #text: RegExp;
  #seen = "";
  #resolve: () => void = () => {};
  readonly #ready: Promise<void>;

  constructor(text: RegExp) {
    this.#text = text;
    this.#ready = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Takes the next piece of output. */
  push(text: string): void {
    this.#seen += text;
    if (this.#text.test(this.#seen)) this.#resolve();
  }

  /** Resolves once the text was seen; kills the process and rejects with its output when it ends or takes longer. */
  async of(name: string, started: OwnedProcess, timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`was not ready after ${timeoutMs} ms`), timeoutMs);
    });
    const ended = started.exited.then((status) => `ended (code ${status.code}, signal ${status.signal})`);
    const problem = await Promise.race([this.#ready, late, ended]);
    clearTimeout(timer);
    if (problem === undefined) return;
    await started.kill();
    throw new Error(`${name} ${problem}. Its output:\n${started.output}`);
  }
}
