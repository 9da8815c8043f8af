import { isPastTimeout, lost } from "./ending.ts";
import type { Shard } from "./shard.ts";
import type { TaskRecord } from "./task-record.ts";

/**
 * Takes a task from an owner whose lease has ended: it waits again, or it is done, because it was to end or its failures
 * are used up. The handle stays, for the work may still be running.
 */
export function recoverTask(shard: Shard, record: TaskRecord): "scheduled" | "expired" | "aborting" | "exhausted" {
  record.failures++;
  const isUsedUp = record.claim === undefined || record.failures >= record.claim.maxAttempts;
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
