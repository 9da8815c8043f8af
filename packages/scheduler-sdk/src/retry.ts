/** When a failed task runs again. */
export interface RetryOptions {
  /** The pause after the first failure, in milliseconds; it doubles with each further one, up to 5 minutes. */
  readonly backoffMs: number;
  /** How many failures end the task. @defaultValue the scheduler's `maxAttempts` */
  readonly maxAttempts?: number | undefined;
}

const longestBackoffMs = 300_000;

/** The pause after the failure number `failures` (from 1): backoffMs × 2^(failures − 1) ± 20 %, at most 5 minutes. */
export function retryDelayMs(backoffMs: number, failures: number, random: () => number = Math.random): number {
  const spread = 0.8 + 0.4 * random();
  return Math.round(Math.min(longestBackoffMs, backoffMs * 2 ** (failures - 1) * spread));
}
