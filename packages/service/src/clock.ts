/**
 * Time as a port, so that every wait in Mayfly can be driven by a test.
 *
 * Two readings, two jobs: {@link Clock.now} is the wall clock, for what a person reads; {@link Clock.monotonicMs} never
 * jumps, for how long something took and for every deadline that a process keeps for itself.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, as this host believes. May jump; never compared with another host's. */
  now(): number;
  /** Milliseconds since an arbitrary origin; never goes back. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs` (negative counts as 0). Does not keep the process alive by itself. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /**
   * Resolves after `delayMs`, or at once when `signal` fires: an interrupted wait is not an error, the caller looks at
   * its signal.
   */
  sleep(delayMs: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** A pending call of {@link Clock.setTimer}. */
export interface Timer {
  /** Forgets the call; after it has happened, or a second time, this does nothing. */
  cancel(): void;
}

/** The longest delay that Node's timers take; a longer one would fire at once (Node.js documentation, `setTimeout`). */
const longestDelayMs = 2 ** 31 - 1;

/** The clock of this host. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const dueMs = performance.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.max(0, dueMs - performance.now());
      handle = setTimeout(leftMs > longestDelayMs ? arm : callback, Math.min(leftMs, longestDelayMs));
      handle.unref();
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(delayMs, options) {
    return sleepOn(systemClock, delayMs, options?.signal);
  },
};

/** {@link Clock.sleep} in terms of {@link Clock.setTimer}: the one place that ties a timer to a signal. */
export function sleepOn(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.setTimer(delayMs, end);
    signal?.addEventListener("abort", end);
  });
}
