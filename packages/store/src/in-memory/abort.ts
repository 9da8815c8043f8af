import type { AbortAnswer } from "../schedule.ts";
import { requested } from "./ending.ts";
import type { Shard } from "./shard.ts";
import { viewOf } from "./task-record.ts";

/** {@link TaskStore.abort} on the task's shard. */
export function abort(shard: Shard, id: string, message: string | undefined): AbortAnswer {
  const record = shard.records.get(id);
  if (record === undefined) {
    const tombstone = shard.tombstones.find(id, shard.now());
    return tombstone === undefined ? { answer: "unknown" } : { answer: "ended", view: structuredClone(tombstone.view) };
  }
  if (record.state === "scheduled") {
    const ending = { outcome: "aborted", reason: requested(message) } as const;
    return { answer: "ended", view: shard.end(record, ending, { byOwner: false }) };
  }
  shard.stop(record, message);
  return { answer: "aborting", view: viewOf(record) };
}
