import type { TaskView } from "@mayfly/task";
import type { Owner } from "../owner.ts";
import type { Shard } from "./shard.ts";
import type { TaskRecord } from "./task-record.ts";

/**
 * What an owner's proof is worth. `owner`: the task is his. `released`: it waits, because he gave it up. `ended`: it is
 * done, because he ended it. `gone`: it is done otherwise, or unknown. `stale`: it is not his any more (I3, I4). `lost`:
 * nothing is left of it, and the store may have lost it.
 */
export type Proof =
  | { readonly is: "owner"; readonly record: TaskRecord }
  | { readonly is: "ended"; readonly view: TaskView }
  | { readonly is: "released" | "gone" | "stale" | "lost" };

/** Compares (attempt, claim token) with the task's latest claim. */
export function proveOwner(shard: Shard, owner: Owner): Proof {
  const record = shard.records.get(owner.id);
  if (record !== undefined) {
    if (owner.attempt !== record.attempt || owner.token !== record.claim?.token) return { is: "stale" };
    if (record.state !== "scheduled") return { is: "owner", record };
    return { is: record.releasedByOwner ? "released" : "stale" };
  }
  const tombstone = shard.tombstones.find(owner.id, shard.now());
  if (tombstone === undefined) return { is: shard.mayHaveLost(owner.scheduledAt) ? "lost" : "gone" };
  if (owner.attempt !== tombstone.attempt || owner.token !== tombstone.token) return { is: "stale" };
  return tombstone.closedByOwner ? { is: "ended", view: structuredClone(tombstone.view) } : { is: "gone" };
}

/** What who does not own a task is answered: who has given it up, or ended it, has no further say in it. */
export function refusal(proof: Exclude<Proof, { is: "owner" }>): "stale" | "gone" | "lost" {
  if (proof.is === "released") return "stale";
  return proof.is === "ended" ? "gone" : proof.is;
}
