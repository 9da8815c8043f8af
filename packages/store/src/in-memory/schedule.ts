import type { ScheduleAnswer, ScheduleRequest } from "../schedule.ts";
import type { Shard } from "./shard.ts";
import { announcementOf, newRecord, viewOf } from "./task-record.ts";

/** The API publishes at once what is due; the sweeper comes second. */
const firstAnnounceAfterMs = 5_000;

/** {@link TaskStore.schedule} on the task's shard. */
export function schedule(shard: Shard, request: ScheduleRequest): ScheduleAnswer {
  const { task, body, contentHash, retentionMs, traceparent } = request;
  const now = shard.now();
  const timeout = Date.parse(task.timeout);
  // One that has passed counts as none, at the first call and at a repeat.
  const notBefore = request.notBefore !== undefined && request.notBefore > now ? request.notBefore : undefined;

  const record = shard.records.get(task.id);
  const present = record ?? shard.tombstones.find(task.id, now);
  if (present !== undefined) {
    const isSame =
      present.contentHash === contentHash &&
      (!request.timeoutGiven || present.timeout === timeout) &&
      (notBefore === undefined || present.notBefore === notBefore);
    if (!isSame) return { answer: "conflict" };
    return { answer: "exists", view: "view" in present ? structuredClone(present.view) : viewOf(present) };
  }
  if (timeout <= now) return { answer: "timeout_passed" };
  if (timeout > now + request.maxTimeoutMs) return { answer: "timeout_too_far" };

  const { id, scheduler } = task;
  const { announceToken } = request;
  const known = { id, scheduler, body, contentHash, timeout, notBefore, retentionMs, traceparent, announceToken };
  const accepted = newRecord({ ...known, scheduledAt: now });
  const { dueAt } = accepted;
  shard.accept(accepted, dueAt === now ? now + firstAnnounceAfterMs : dueAt);
  return {
    answer: "scheduled",
    view: viewOf(accepted),
    announcement: announcementOf(accepted),
    dueInMs: dueAt - now,
  };
}
