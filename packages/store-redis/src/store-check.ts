import type { Logger } from "@mayfly/service";
import { StoreError } from "@mayfly/store";
import type { Keys } from "./keys.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { describeStore, readServer, watchServer } from "./scripts.generated.ts";
import type { ShardScripts } from "./shard-scripts.ts";

/** The format of keys, records and tombstones that this version reads and writes. */
const format = "1";

/**
 * Finds out in how many parts the tasks are kept, and settles it if the store is new.
 *
 * @throws StoreError `incompatible` when the data are of another format, or kept in another number of parts than wanted
 */
export async function findShards(
  connection: RedisConnection,
  keys: Keys,
  options: { readonly wanted: number | undefined; readonly atBirth: number },
): Promise<number> {
  const answer = await connection.run(
    describeStore,
    [keys.description],
    [format, String(options.wanted ?? options.atBirth)],
  );
  const [storedFormat, storedShards] = answer as readonly string[];
  if (storedFormat !== format) {
    throw new StoreError(
      "incompatible",
      `${keys.description} says format ${storedFormat}; this version knows format ${format}.`,
    );
  }
  const shards = Number(storedShards);
  if (options.wanted !== undefined && options.wanted !== shards) {
    const message = `${keys.description} says that there are ${shards} shards; ${options.wanted} were asked for. The number is settled when a store is new.`;
    throw new StoreError("incompatible", message);
  }
  return shards;
}

/**
 * Looks whether each server keeps what it acknowledges: an append-only file, and no eviction.
 *
 * @throws StoreError `incompatible` when one does not and `production` is set; otherwise that is logged as a warning
 */
export async function checkServers(
  scripts: ShardScripts,
  options: { readonly production: boolean; readonly logger: Logger },
): Promise<void> {
  const texts = (await scripts.runOnAll(readServer, [])).map(([text]) => String(text));
  const problems: string[] = [];
  if (texts.some((text) => !/^aof_enabled:1\b/m.test(text))) {
    problems.push("appendonly is not yes, so a restart of Redis loses tasks");
  }
  if (texts.some((text) => !/^maxmemory_policy:noeviction\b/m.test(text))) {
    problems.push("maxmemory-policy is not noeviction, so Redis may delete tasks");
  }
  if (problems.length === 0) return;
  if (options.production) throw new StoreError("incompatible", `Redis is not safe to use: ${problems.join("; ")}.`);
  options.logger.warn({ problems }, "Redis is not safe to use for tasks that matter");
}

/**
 * Looks whether each server still has its data, and opens a gap where it may not: at once when the connection is back,
 * so that no task ends meanwhile as one that nothing can bring back.
 */
export async function watchServers(scripts: ShardScripts): Promise<void> {
  await scripts.runOnAll(watchServer, []);
}
