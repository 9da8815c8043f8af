import type { OwnerCopy, RestoreAnswer } from "../owner.ts";
import { isPastTimeout } from "./ending.ts";
import { heartbeat } from "./owner-steps.ts";
import type { Shard } from "./shard.ts";
import { newRecord, type TaskRecord } from "./task-record.ts";

/** {@link TaskStore.restore} on the task's shard. */
export function restore(shard: Shard, copy: OwnerCopy): RestoreAnswer {
  // With a record there, it is a heartbeat: the owner counts its lease from this call.
  const present = heartbeat(shard, copy.owner);
  if ("remainingMs" in present) return present;
  if (present.answer !== "lost") return { answer: present.answer };
  const record = recordOf(copy, shard.now());
  if (isPastTimeout(record, shard.now())) {
    shard.endLost(record);
    return { answer: "gone" };
  }
  shard.restore(record);
  return { answer: "ok", remainingMs: record.timeout - shard.now() };
}

function recordOf(copy: OwnerCopy, now: number): TaskRecord {
  const { id, scheduledAt, attempt, token } = copy.owner;
  const { scheduler, body, contentHash, timeout, retentionMs, traceparent } = copy;
  const { instance, leaseMs, maxAttempts, run, failures, handle } = copy;
  const known = { id, scheduler, body, contentHash, timeout, scheduledAt, retentionMs, traceparent };
  return {
    // The token of an announcement that nobody has: the next one is made when it is released.
    ...newRecord({ ...known, notBefore: undefined, announceToken: "" }),
    state: "running",
    attempt,
    claim: { token, instance, leaseMs, maxAttempts, startedAt: now - copy.runningForMs, leaseEndsAt: now + leaseMs },
    run,
    failures,
    handle: structuredClone(handle),
  };
}
