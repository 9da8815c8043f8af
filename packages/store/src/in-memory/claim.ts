import type { ClaimAnswer, ClaimRequest, Granted } from "../claim.ts";
import { scopeName } from "../owner.ts";
import { definedMembers } from "./defined-members.ts";
import { isPastTimeout } from "./ending.ts";
import { abandonWork, recoverTask } from "./recover.ts";
import type { Shard } from "./shard.ts";
import { newRecord, type TaskRecord, taskOf } from "./task-record.ts";

/** How long a task waits for a claimer who reaches its work, before it is announced again. */
const elsewhereMs = 5_000;

/** How long the tombstone is kept of a task that has timed out while its record, which says it, was lost. */
const lostRetentionMs = 3_600_000;

/** {@link TaskStore.claim} on the task's shard. */
export function claim(shard: Shard, request: ClaimRequest): ClaimAnswer {
  const record = shard.records.get(request.announcement.id);
  if (record === undefined) return claimAbsent(shard, request);
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
  const scope = unreachedScope(record, request);
  if (scope !== undefined && !request.abandonedScopes?.includes(scope)) {
    shard.putOff(record, elsewhereMs);
    return { answer: "elsewhere", dueInMs: elsewhereMs, scope };
  }
  if (scope !== undefined && abandonWork(shard, record) === "exhausted") return { answer: "exhausted" };
  shard.grant(record, request);
  return granted(record, request, now);
}

/** Where the work of a task may be running, if the claimer does not reach it. */
function unreachedScope({ handle }: TaskRecord, { scopes }: ClaimRequest): string | undefined {
  if (handle?.scope === undefined) return undefined;
  const scope = scopeName(handle.runtime, handle.scope);
  return scopes === undefined || scopes.includes(scope) ? undefined : scope;
}

/** Only the announcement, and who sent it, know of a task whose record is lost. */
function claimAbsent(shard: Shard, request: ClaimRequest): ClaimAnswer {
  const { id, scheduler, body, token: announceToken, scheduledAt, attempt, traceparent } = request.announcement;
  const now = shard.now();
  if (shard.tombstones.find(id, now) !== undefined || !shard.mayHaveLost(scheduledAt)) return { answer: "gone" };
  const { contentHash, timeout, recreate } = request;
  const retentionMs = recreate?.retentionMs ?? lostRetentionMs;
  const known = { id, scheduler, body, contentHash, timeout, scheduledAt, retentionMs, traceparent, announceToken };
  const record: TaskRecord = { ...newRecord({ ...known, notBefore: undefined }), attempt };
  if (isPastTimeout(record, now)) {
    shard.endLost(record);
    return { answer: "expired" };
  }
  if (recreate === undefined) return { answer: "lost" };
  shard.recreate(record, request);
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
    retentionMs: record.retentionMs,
    handle: structuredClone(record.handle),
    loggedAt: record.handle && record.loggedAt,
    task: isAnnounced ? undefined : taskOf(record),
  } as const);
}
