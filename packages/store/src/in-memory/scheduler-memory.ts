interface Entry {
  live: number;
  latestClaimed: number;
}

/**
 * How far the queue of each scheduler has come: of the tasks that were claimed, when the one that was announced last was
 * announced. Kept as long as the scheduler has live tasks.
 */
export class SchedulerMemory {
  readonly #entries = new Map<string, Entry>();

  /** A task has become live. */
  enter(scheduler: string): void {
    const entry = this.#entries.get(scheduler);
    if (entry === undefined) this.#entries.set(scheduler, { live: 1, latestClaimed: Number.NEGATIVE_INFINITY });
    else entry.live++;
  }

  /** A task is no longer live; with the last one goes what is remembered. */
  leave(scheduler: string): void {
    const entry = this.#entries.get(scheduler);
    if (entry !== undefined && --entry.live === 0) this.#entries.delete(scheduler);
  }

  /** A task that was announced at `announcedAt` (epoch milliseconds) has been claimed. */
  claimed(scheduler: string, announcedAt: number): void {
    const entry = this.#entries.get(scheduler);
    if (entry !== undefined) entry.latestClaimed = Math.max(entry.latestClaimed, announcedAt);
  }

  /** The latest of what was claimed; −∞ when nothing was. */
  latestClaimed(scheduler: string): number {
    return this.#entries.get(scheduler)?.latestClaimed ?? Number.NEGATIVE_INFINITY;
  }
}
