import type { LogPage, LogRequest } from "../log.ts";
import type { Shard } from "./shard.ts";

/** {@link TaskStore.readLog} on the task's shard. */
export function readLog(shard: Shard, id: string, request: LogRequest): LogPage {
  const isAlive = shard.records.has(id);
  // Looking for the tombstone forgets those whose time is over, with their logs.
  const isKnown = isAlive || shard.tombstones.find(id, shard.now()) !== undefined;
  const { isRead, ...piece } = shard.logs.get(id)?.read(request) ?? { text: "", next: 0, isRead: true };
  return { ...piece, isEnded: !isAlive && isRead, isKnown };
}
