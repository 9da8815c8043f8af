import type { Clock } from "@mayfly/service";

/** Waits for `promise`, but no longer than `limitMs`: a broker that is frozen answers nothing, and fails nothing. */
export async function atMost(clock: Clock, limitMs: number, promise: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const end = (): void => done.abort();
  promise.then(end, end);
  await clock.sleep(limitMs, { signal: done.signal });
}
