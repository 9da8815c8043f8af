import { isPastTimeout, lost } from "./ending.ts";
import type { Shard } from "./shard.ts";
import type { TaskRecord } from "./task-record.ts";

/**
 * Takes a task from an owner whose lease has ended: it waits again, or it is done, because it was to end or its failures
 * are used up. The handle stays, for the work may still be running. Work in a scope outlives its owner: nothing has
 * failed then, until nobody reaches it any more: see {@link abandonWork}.
 */
export function recoverTask(shard: Shard, record: TaskRecord): "scheduled" | "expired" | "aborting" | "exhausted" {
  const isUsedUp = record.handle?.scope === undefined && countFailure(record);
  const isPast = isPastTimeout(record, shard.now());
  if (!isUsedUp && !isPast && record.state === "running") {
    shard.requeue(record, { delayMs: 0, byOwner: false });
    return "scheduled";
  }
  const wasAborting = record.state === "aborting";
  shard.end(record, { outcome: "aborted", reason: lost(record) }, { byOwner: false });
  if (isPast) return "expired";
  return wasAborting ? "aborting" : "exhausted";
}

/**
 * Forgets the work of a waiting task that nobody reaches any more: the task starts anew. If its owner had vanished and
 * not handed it over, it has failed with it, and is done when its failures are used up.
 */
export function abandonWork(shard: Shard, record: TaskRecord): "scheduled" | "exhausted" {
  if (!record.releasedByOwner && countFailure(record)) {
    shard.end(record, { outcome: "aborted", reason: lost(record) }, { byOwner: false });
    return "exhausted";
  }
  record.handle = undefined;
  record.run++;
  return "scheduled";
}

/** Whether that was one failure too many. */
function countFailure(record: TaskRecord): boolean {
  record.failures++;
  return record.failures >= (record.claim?.maxAttempts ?? 0);
}
