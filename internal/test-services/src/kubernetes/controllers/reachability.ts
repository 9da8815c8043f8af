/** Whether the API server can be reached: controllers and kubelets do not write to one that is away. */
export class Reachability {
  #isUp = true;
  readonly #waiting = new Set<() => void>();

  get isUp(): boolean {
    return this.#isUp;
  }

  lose(): void {
    this.#isUp = false;
  }

  restore(): void {
    this.#isUp = true;
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  /** Calls back once it can be reached: at once if it can be now. */
  whenUp(go: () => void): void {
    if (this.#isUp) go();
    else this.#waiting.add(go);
  }

  /** Resolves once it can be reached. */
  async up(): Promise<void> {
    await new Promise<void>((resolve) => this.whenUp(resolve));
  }
}
