import type { Clock } from "@mayfly/service";

/** Ends as `work` does, or rejects after `timeoutMs`; the work goes on then, and nobody hears how it ends. */
export async function within<T>(clock: Clock, timeoutMs: number, work: Promise<T>): Promise<T> {
  let onTimeout: () => void = () => undefined;
  const timedOut = new Promise<never>((_, reject) => {
    onTimeout = () => reject(new Error(`The broker has not answered within ${timeoutMs} ms.`));
  });
  const timer = clock.setTimer(timeoutMs, onTimeout);
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    timer.cancel();
  }
}
