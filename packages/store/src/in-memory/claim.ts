import type { ClaimAnswer, ClaimRequest, Granted } from "../claim.ts";
import { definedMembers } from "./defined-members.ts";
import { isPastTimeout } from "./ending.ts";
import { recoverTask } from "./recover.ts";
import type { Shard } from "./shard.ts";
import { type TaskRecord, taskOf } from "./task-record.ts";

/** {@link TaskStore.claim} on the task's shard. */
export function claim(shard: Shard, request: ClaimRequest): ClaimAnswer {
  const record = shard.records.get(request.announcement.id);
  if (record === undefined) return { answer: "gone" };
  const now = shard.now();
  if (isPastTimeout(record, now)) {
    shard.end(record, { outcome: "timeout" }, { byOwner: false });
    return { answer: "expired" };
  }
  if (record.state !== "scheduled" && record.claim !== undefined) {
    if (record.claim.token === request.token) {
      // The caller counts its lease from this call, so the lease must not have begun before it.
      shard.renew(record);
      return granted(record, request, now);
    }
    if (record.claim.leaseEndsAt > now) return { answer: "held" };
    const end = recoverTask(shard, record);
    if (end !== "scheduled") return { answer: end };
  }
  if (record.dueAt > now) return { answer: "early", dueInMs: record.dueAt - now };
  shard.grant(record, request);
  return granted(record, request, now);
}

function granted(record: TaskRecord, request: ClaimRequest, now: number): Granted {
  const isAnnounced = record.contentHash === request.contentHash && record.timeout === request.timeout;
  return definedMembers({
    answer: "granted",
    attempt: record.attempt,
    run: record.run,
    failures: record.failures,
    remainingMs: record.timeout - now,
    handle: structuredClone(record.handle),
    task: isAnnounced ? undefined : taskOf(record),
  } as const);
}
