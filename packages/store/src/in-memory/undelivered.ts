import type { UndeliveredAnswer, UndeliveredRequest } from "../sweep.ts";
import { isPastTimeout } from "./ending.ts";
import type { Shard } from "./shard.ts";

/** {@link TaskStore.undelivered} on the task's shard. */
export function undelivered(shard: Shard, request: UndeliveredRequest): UndeliveredAnswer {
  const { id, token, scheduledAt, delayMs, maxFailures, message } = request;
  const record = shard.records.get(id);
  if (record === undefined) {
    const isDone = shard.tombstones.find(id, shard.now()) !== undefined;
    const isLost = !isDone && scheduledAt !== undefined && shard.mayHaveLost(scheduledAt);
    return { answer: isLost ? "lost" : "gone" };
  }
  if (record.state !== "scheduled" || record.announceToken !== token) return { answer: "stale" };
  record.failures++;
  if (record.failures >= maxFailures || isPastTimeout(record, shard.now())) {
    const reason = { code: "undeliverable", message } as const;
    return { answer: "ended", view: shard.end(record, { outcome: "aborted", reason }, { byOwner: false }) };
  }
  shard.requeue(record, { delayMs, byOwner: false });
  return { answer: "released" };
}
