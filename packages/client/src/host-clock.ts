import { type Clock, sleepOn } from "@mayfly/service";

/**
 * The clock of a browser or of Node. Other than the system clock of `@mayfly/service`, its timers keep a Node process
 * alive: a program that does nothing but wait to repeat a call must not end in the middle of it.
 */
export const hostClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const handle = setTimeout(callback, Math.max(0, delayMs));
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(delayMs, options) {
    return sleepOn(hostClock, delayMs, options?.signal);
  },
};
