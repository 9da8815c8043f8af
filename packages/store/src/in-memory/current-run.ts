import type { CurrentRun } from "../current-run.ts";
import { definedMembers } from "./defined-members.ts";
import type { Shard } from "./shard.ts";

/** {@link TaskStore.currentRun} on the task's shard. */
export function currentRun(shard: Shard, id: string): CurrentRun {
  const record = shard.records.get(id);
  if (record !== undefined) {
    return definedMembers({ answer: "lives", run: record.run, handle: structuredClone(record.handle) } as const);
  }
  const isGone = shard.tombstones.find(id, shard.now()) !== undefined || shard.keepsEverything();
  return { answer: isGone ? "gone" : "unknown" };
}
