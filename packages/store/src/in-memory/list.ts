import { StoreError } from "../store-error.ts";
import type { ListPage, ListRequest } from "../task-store.ts";
import type { Shard } from "./shard.ts";
import { summaryOf, type TaskRecord } from "./task-record.ts";

/** {@link TaskStore.list} over all shards. A cursor says which task was the last of its page. */
export function list(shards: readonly Shard[], request: ListRequest): ListPage {
  const after = request.cursor === undefined ? undefined : parseCursor(request.cursor);
  const matching = shards
    .flatMap((shard) => [...shard.records.values()])
    .filter(({ scheduler }) => request.scheduler === undefined || scheduler === request.scheduler)
    .filter(({ state }) => request.state === undefined || state === request.state)
    .filter((record) => after === undefined || compareByAge(record, after) > 0)
    .sort(compareByAge);
  const page = matching.slice(0, request.limit);
  const last = page.at(-1);
  return {
    tasks: page.map(summaryOf),
    ...(last !== undefined && matching.length > page.length && { cursor: toCursor(last) }),
  };
}

type Place = Pick<TaskRecord, "scheduledAt" | "id">;

/** Newest first, then by id. */
function compareByAge(a: Place, b: Place): number {
  return b.scheduledAt - a.scheduledAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function toCursor({ scheduledAt, id }: Place): string {
  return Buffer.from(`${scheduledAt} ${id}`).toString("base64url");
}

function parseCursor(cursor: string): Place {
  const match = /^(\d+) (\S+)$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new StoreError("invalid_cursor", `The cursor ${JSON.stringify(cursor)} is not one of this store's pages.`);
  }
  return { scheduledAt: Number(match[1]), id: match[2] };
}
