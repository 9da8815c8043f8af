/**
 * Full jitter: a random delay between 0 and min(`maxMs`, `baseMs` × 2^`attempt`), where `attempt` counts from 0.
 * Spreads reconnects and repeats of many processes (M. Brooker, "Exponential Backoff and Jitter", AWS, 2015).
 */
export function fullJitterMs(
  attempt: number,
  options: { readonly baseMs: number; readonly maxMs: number; readonly random?: () => number },
): number {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.round((options.random ?? Math.random)() * ceilingMs);
}
