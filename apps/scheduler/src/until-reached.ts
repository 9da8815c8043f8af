import { type Clock, errorMessage, fullJitterMs, type Logger } from "@mayfly/service";

/**
 * Calls `connect` until it resolves: what is away at the start of this program is waited for.
 *
 * @throws the last error when `signal` fires before
 */
export async function untilReached<T>(
  connect: () => Promise<T>,
  options: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<T> {
  const { clock, logger, signal } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect();
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn({ error: errorMessage(error) }, "runtime cannot be reached, will be tried again");
      await clock.sleep(fullJitterMs(attempt, { baseMs: 500, maxMs: 10_000 }), { signal });
      if (signal.aborted) throw error;
    }
  }
}
