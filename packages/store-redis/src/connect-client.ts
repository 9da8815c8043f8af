import { type Clock, fullJitterMs } from "@mayfly/service";
import type { RedisClient } from "./redis-client.ts";
import { closedError, isRefused, toStoreError } from "./redis-failure.ts";

/**
 * Connects a client, however long that takes. A client of a single node tries again by itself; that of a Cluster gives up
 * as soon as no node answers.
 *
 * @throws StoreError `closed` when `signal` fires, `incompatible` when Redis lets nobody in and `mayBeRefused` is set
 */
export async function connectClient(
  client: RedisClient,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly mayBeRefused: boolean },
): Promise<void> {
  const { clock, signal, mayBeRefused } = options;
  // A Cluster only says that no node can be used, and why in its errors.
  let refusal: unknown;
  client.on("error", (error) => {
    if (isRefused(error)) refusal = error;
  });
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await client.connect();
      return;
    } catch (error) {
      const failure = toStoreError(error, "a connection");
      if (signal.aborted) break;
      if (failure.code !== "unavailable") throw failure;
      if (mayBeRefused && refusal !== undefined) throw toStoreError(refusal, "a connection");
      await clock.sleep(fullJitterMs(attempt, { baseMs: 50, maxMs: 2_000 }), { signal });
    }
  }
  throw closedError();
}
