import type { Clock } from "@mayfly/service";

/**
 * Each thread's `performance.now()` has an origin of its own, and wall clocks jump: what all threads of a process read
 * alike is the time that `process.hrtime` counts.
 */
function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A moment by the monotonic clock of this thread, in milliseconds that every thread of this process understands. */
export function toSharedMs(clock: Clock, monotonicMs: number): number {
  return sharedNowMs() - (clock.monotonicMs() - monotonicMs);
}

/** The inverse of {@link toSharedMs}, in another thread or in the same. */
export function fromSharedMs(clock: Clock, sharedMs: number): number {
  return clock.monotonicMs() - (sharedNowMs() - sharedMs);
}
