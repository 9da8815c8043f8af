import type { Announcement } from "@mayfly/task";
import type { DueAnswer, SweepAnswer } from "../sweep.ts";
import { definedMembers } from "./defined-members.ts";
import { recoverTask } from "./recover.ts";
import type { Shard } from "./shard.ts";
import { announcementOf, type TaskRecord } from "./task-record.ts";
import type { TimeIndex } from "./time-index.ts";

/** How long an announcement that was taken may take before it is taken again. */
const takenForMs = 10_000;

/** {@link TaskStore.expire} on a shard. */
export function expire(shard: Shard, limit: number): SweepAnswer {
  return sweep(shard, shard.timeouts, limit, (record) => shard.end(record, { outcome: "timeout" }, { byOwner: false }));
}

/** {@link TaskStore.recover} on a shard. */
export function recover(shard: Shard, limit: number): SweepAnswer {
  return sweep(shard, shard.leases, limit, (record) => recoverTask(shard, record));
}

/** {@link TaskStore.due} on a shard. */
export function due(shard: Shard, limit: number, maxBytes: number): DueAnswer {
  const now = shard.now();
  const announcements: Announcement[] = [];
  let bytes = 0;
  while (announcements.length < limit) {
    const record = firstOf(shard, shard.outbox, now);
    if (record === undefined) break;
    bytes += Buffer.byteLength(record.body);
    // The first always goes: a body that is larger than a whole batch must not stop the outbox.
    if (announcements.length > 0 && bytes > maxBytes) break;
    shard.outbox.set(record.id, now + takenForMs);
    announcements.push(announcementOf(record));
  }
  return definedMembers({ announcements, nextInMs: shard.outbox.nextInMs(now) });
}

/** `change` takes the task out of the index. */
function sweep(shard: Shard, index: TimeIndex, limit: number, change: (record: TaskRecord) => void): SweepAnswer {
  const now = shard.now();
  const ids: string[] = [];
  while (ids.length < limit) {
    const record = firstOf(shard, index, now);
    if (record === undefined) break;
    change(record);
    ids.push(record.id);
  }
  return definedMembers({ ids, nextInMs: index.nextInMs(now) });
}

function firstOf(shard: Shard, index: TimeIndex, now: number): TaskRecord | undefined {
  const id = index.firstUntil(now);
  return id === undefined ? undefined : shard.records.get(id);
}
