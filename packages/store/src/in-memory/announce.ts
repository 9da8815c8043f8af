import type { StalledRequest, StalledTask } from "../sweep.ts";
import type { Shard } from "./shard.ts";
import type { TaskRecord } from "./task-record.ts";

/** {@link TaskStore.announced} on the task's shard. */
export function announced(shard: Shard, id: string, token: string): void {
  const record = shard.records.get(id);
  const isWaiting = shard.outbox.get(id) !== undefined;
  if (record?.announceToken === token && isWaiting) shard.markAnnounced(record);
}

/** {@link TaskStore.reannounce} on the task's shard. */
export function reannounce(shard: Shard, id: string, token: string): boolean {
  const record = shard.records.get(id);
  const isAnnounced = shard.announced.has(id);
  if (record?.announceToken !== token || !isAnnounced) return false;
  shard.reannounce(record);
  return true;
}

/** {@link TaskStore.stalled} on a shard. */
export function stalled(shard: Shard, request: StalledRequest): readonly StalledTask[] {
  const { limit, ageMs, skip = 0 } = request;
  const until = shard.now() - ageMs;
  const page: StalledTask[] = [];
  let seen = 0;
  for (const [id, announcedAt] of shard.announced) {
    // The first younger one need not be the last old one: the clock of a host can be set back.
    if (announcedAt > until || seen++ < skip) continue;
    if (page.length === limit) break;
    const { scheduler, announceToken: token } = shard.records.get(id) as TaskRecord;
    const isOvertaken = shard.schedulers.latestClaimed(scheduler) - announcedAt >= ageMs;
    page.push({ id, scheduler, token, isOvertaken });
  }
  return page;
}
