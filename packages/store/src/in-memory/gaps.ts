/** No task lives longer than this, in milliseconds: what was scheduled earlier is missed by nobody. */
const longestTimeoutMs = 30 * 24 * 3_600_000;

/**
 * The spans of store time, both ends included, in which what was scheduled may be missing. Times are epoch milliseconds.
 * Each is dropped when whatever was scheduled in it has timed out.
 */
export class Gaps {
  #spans: readonly { readonly from: number; readonly until: number }[] = [];

  add(from: number, until: number): void {
    this.#spans = [...this.#spans, { from, until }];
  }

  /** Whether a task that was scheduled at `scheduledAt` may be missing. */
  has(scheduledAt: number, now: number): boolean {
    this.#dropUntil(now);
    return this.#spans.some(({ from, until }) => from <= scheduledAt && scheduledAt <= until);
  }

  /** Whether nothing may be missing, whenever it was scheduled. */
  isEmpty(now: number): boolean {
    this.#dropUntil(now);
    return this.#spans.length === 0;
  }

  #dropUntil(now: number): void {
    this.#spans = this.#spans.filter(({ until }) => now < until + longestTimeoutMs);
  }
}
