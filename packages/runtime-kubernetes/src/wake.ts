/** Wakes one that waits. A call that comes while it is awake makes its next wait a short one. */
export class Wake {
  #isDue = false;
  #resolve: (() => void) | undefined;

  /** Ends the wait, this one or the next. */
  wake(): void {
    this.#isDue = true;
    this.#resolve?.();
  }

  /** Resolves when it is woken, or when `signal` fires. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#isDue && !signal.aborted) await this.#wait(signal);
    this.#isDue = false;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    let end: () => void = () => undefined;
    const woken = new Promise<void>((resolve) => (end = resolve));
    this.#resolve = end;
    signal.addEventListener("abort", end);
    await woken;
    signal.removeEventListener("abort", end);
  }
}
