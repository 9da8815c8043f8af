import { type Clock, sleepOn, systemClock, type Timer } from "@mayfly/service";

/** The clock of this host, with leaps ahead: what a test need not wait for, and must not hurry, is far away until then. */
export class SkippingClock implements Clock {
  readonly #pending = new Set<{ readonly dueMs: number; readonly fire: () => void }>();
  #skippedMs = 0;

  now(): number {
    return systemClock.now() + this.#skippedMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#skippedMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = systemClock.setTimer(delayMs, () => entry.fire());
    const cancel = (): void => {
      timer.cancel();
      this.#pending.delete(entry);
    };
    const fire = (): void => {
      cancel();
      callback();
    };
    const entry = { dueMs: this.monotonicMs() + delayMs, fire };
    this.#pending.add(entry);
    return { cancel };
  }

  sleep(delayMs: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return sleepOn(this, delayMs, options?.signal);
  }

  /** So much time has passed at once. */
  skip(byMs: number): void {
    this.#skippedMs += byMs;
    for (const { dueMs, fire } of this.#pending) if (dueMs <= this.monotonicMs()) fire();
  }
}
