import type { Clock, Timer } from "@mayfly/service";
import type { Reachability } from "./reachability.ts";

/**
 * Names that want to be looked at, as controllers keep them: a name that is added several times before its turn is looked
 * at once, and nothing is looked at while the API server is away.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #reachability: Reachability;
  readonly #reconcile: (name: string) => void;
  readonly #names = new Set<string>();
  readonly #timers = new Map<string, { readonly dueMs: number; readonly timer: Timer }>();
  #isScheduled = false;
  #isClosed = false;

  constructor(clock: Clock, reachability: Reachability, reconcile: (name: string) => void) {
    this.#clock = clock;
    this.#reachability = reachability;
    this.#reconcile = reconcile;
  }

  add(name: string): void {
    this.#names.add(name);
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    // Not at once: what adds a name is in the midst of changing something.
    queueMicrotask(() => this.#reachability.whenUp(() => this.#drain()));
  }

  /** Adds the name after a while, unless it will be added before. */
  addAfter(name: string, delayMs: number): void {
    if (this.#isClosed) return;
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const present = this.#timers.get(name);
    if (present !== undefined && present.dueMs <= dueMs) return;
    present?.timer.cancel();
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(name);
      this.add(name);
    });
    this.#timers.set(name, { dueMs, timer });
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #drain(): void {
    this.#isScheduled = false;
    const names = [...this.#names];
    this.#names.clear();
    for (const name of names) if (!this.#isClosed) this.#reconcile(name);
  }
}
