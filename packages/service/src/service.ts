/** Something that runs until it is stopped. */
export interface Service extends AsyncDisposable {
  /** Resolves when the service does its work. A second call gives the same promise; after a stop it starts anew. */
  start(): Promise<void>;
  /** Resolves when nothing is left running. Before `start`, and a second time, it does nothing. */
  stop(): Promise<void>;
}

/**
 * The start and stop of a {@link Service}, so that each service writes only what it does.
 *
 * States: `stopped` → (start) → `started` → (stop) → `stopped`. A stop waits for a start under way, a start waits for a
 * stop under way. A start that fails leaves the service stopped and can be tried again.
 */
export class Lifecycle {
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** Whether `start` has been called and no `stop` since. */
  get isStarted(): boolean {
    return this.#starting !== undefined && this.#stopping === undefined;
  }

  /** Runs `action` once for any number of calls until the next stop; all of them get the same promise. */
  start(action: () => Promise<void>): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping.then(() => this.start(action));
    this.#starting ??= action().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  /** Runs `action` once after the start that is under way or done; without one it does nothing. */
  stop(action: () => Promise<void>): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping;
    const starting = this.#starting;
    if (starting === undefined) return Promise.resolve();
    this.#stopping = starting
      .then(action, () => undefined)
      .finally(() => {
        this.#starting = undefined;
        this.#stopping = undefined;
      });
    return this.#stopping;
  }
}
