/** Counts by name, and remembers only the names that were counted last. */
export class AttemptCounter {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /** @param limit - how many names are remembered, at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How often `name` has been counted, as far as it is remembered. */
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Counts `name` once more. */
  add(name: string): void {
    const count = this.of(name) + 1;
    this.#counts.delete(name);
    this.#counts.set(name, count);
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= this.#limit) return;
      this.#counts.delete(oldest);
    }
  }
}
