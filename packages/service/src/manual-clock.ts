import { type Clock, sleepOn, type Timer } from "./clock.ts";

interface PendingTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A {@link Clock} that stands still until a test moves it. Timers fire in order of their time, then of their setting. */
export class ManualClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  #order = 0;
  readonly #pending = new Set<PendingTimer>();

  /** @param startMs - what {@link ManualClock.now} says at first @defaultValue 2026-01-01T00:00:00Z */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending.add(timer);
    return { cancel: () => void this.#pending.delete(timer) };
  }

  sleep(delayMs: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return sleepOn(this, delayMs, options?.signal);
  }

  /**
   * Moves time on by `byMs`, firing each timer at its own moment and letting promise callbacks run in between, also for
   * timers that are set on the way.
   */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + byMs;
    await this.#settle();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      this.#pending.delete(next);
      next.callback();
      await this.#settle();
    }
    this.#elapsedMs = untilMs;
  }

  #next(untilMs: number): PendingTimer | undefined {
    let first: PendingTimer | undefined;
    for (const timer of this.#pending) {
      if (timer.dueMs > untilMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      )
        first = timer;
    }
    return first;
  }

  /** Two turns of the event loop: promise chains of any length run to where they wait for time or for the outside. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
