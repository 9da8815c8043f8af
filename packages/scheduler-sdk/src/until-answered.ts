import { type Clock, errorMessage, fullJitterMs, type Logger } from "@mayfly/service";
import { StoreError } from "@mayfly/store";

/**
 * Repeats `step` while the store is away: a call without an answer may have been done, and every owner's step can be
 * repeated with the same token. Resolves with undefined when `signal` fires before there is an answer.
 */
export async function untilAnswered<T>(
  step: () => Promise<T>,
  options: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<T | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (!StoreError.is(error) || error.code === "closed") throw error;
      options.logger.warn({ error: errorMessage(error) }, "store does not answer, will be asked again");
      if (options.signal.aborted) return undefined;
      await options.clock.sleep(fullJitterMs(attempt, { baseMs: 100, maxMs: 2_000 }), { signal: options.signal });
      if (options.signal.aborted) return undefined;
    }
  }
}
