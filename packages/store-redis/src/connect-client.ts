import { type Clock, fullJitterMs } from "@mayfly/service";
import type { RedisClient } from "./redis-client.ts";
import { closedError, toStoreError } from "./redis-failure.ts";

/**
 * Connects a client, however long that takes. A client of a single node tries again by itself; that of a Cluster gives up
 * as soon as no node answers.
 *
 * @throws StoreError `closed` when `signal` fires, `incompatible` when Redis lets nobody in
 */
export async function connectClient(
  client: RedisClient,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, signal } = options;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await client.connect();
      return;
    } catch (error) {
      const failure = toStoreError(error, "a connection");
      if (signal.aborted) break;
      if (failure.code !== "unavailable") throw failure;
      await clock.sleep(fullJitterMs(attempt, { baseMs: 50, maxMs: 2_000 }), { signal });
    }
  }
  throw closedError();
}
