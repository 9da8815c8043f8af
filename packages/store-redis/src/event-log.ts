import { type EventPage, StoreError } from "@mayfly/store";
import { type EventOp, type Outcome, type Reason, type TaskEvent, toInstant } from "@mayfly/task";
import { readEvents } from "./scripts.generated.ts";
import type { ShardScripts } from "./shard-scripts.ts";

/** An entry of a shard's stream. */
interface Entry {
  readonly shard: number;
  readonly id: string;
  readonly event: TaskEvent;
}

/** What one shard tells of a page. */
interface ShardPage {
  readonly gap: boolean;
  /** The stream id after which everything is new. */
  readonly end: string;
  readonly entries: readonly Entry[];
}

/**
 * Reads the events of all shards as one sequence. A position is the vector of the shards' stream ids: those of one task
 * are in one shard and keep their order, whatever comes in between.
 */
export class EventLog {
  readonly #scripts: ShardScripts;

  constructor(scripts: ShardScripts) {
    this.#scripts = scripts;
  }

  async read(request: { readonly after?: string | undefined; readonly limit: number }): Promise<EventPage> {
    const ids = this.#parse(request.after);
    const shards = await Promise.all(ids.map((after, shard) => this.#readShard(shard, after, request.limit)));
    const entries = shards
      .flatMap((shard) => shard.entries)
      .sort((a, b) => compareIds(a.id, b.id) || a.shard - b.shard)
      .slice(0, request.limit);
    if (entries.length > 0) {
      // Told once: from now on those shards go on from where they are.
      for (const [shard, page] of shards.entries()) if (page.gap && page.entries.length === 0) ids[shard] = page.end;
    }
    const events = entries.map(({ shard, id, event }) => {
      ids[shard] = id;
      return { position: ids.join("_"), event };
    });
    return { gap: shards.some(({ gap }) => gap), events, position: ids.join("_") };
  }

  async #readShard(shard: number, after: string, limit: number): Promise<ShardPage> {
    const answer = (await this.#scripts.run(shard, readEvents, [after, limit])) as unknown;
    const [isGap, end, ...entries] = answer as readonly [number, string, ...(readonly [string, readonly string[]])[]];
    return { gap: isGap === 1, end, entries: entries.map(([id, fields]) => ({ shard, id, event: eventOf(fields) })) };
  }

  #parse(position: string | undefined): string[] {
    if (position === undefined) return Array.from({ length: this.#scripts.shards }, () => "0-0");
    const ids = position.split("_");
    if (ids.length !== this.#scripts.shards || !ids.every((id) => /^\d{1,15}-\d{1,15}$/.test(id))) {
      throw new StoreError(
        "invalid_cursor",
        `The position ${JSON.stringify(position)} is not one of this store's events.`,
      );
    }
    return ids;
  }
}

/** Stream ids are `<milliseconds>-<number>`. */
function compareIds(a: string, b: string): number {
  const [aMs, aNumber] = a.split("-").map(Number);
  const [bMs, bNumber] = b.split("-").map(Number);
  return (aMs ?? 0) - (bMs ?? 0) || (aNumber ?? 0) - (bNumber ?? 0);
}

function eventOf(fields: readonly string[]): TaskEvent {
  const given = new Map<string, string>();
  for (let at = 0; at < fields.length; at += 2) given.set(fields[at] ?? "", fields[at + 1] ?? "");
  const attempt = given.get("attempt");
  const instance = given.get("instance");
  const outcome = given.get("outcome");
  const reason = given.get("reason");
  return {
    op: given.get("op") as EventOp,
    id: given.get("id") ?? "",
    scheduler: given.get("scheduler") ?? "",
    at: toInstant(Number(given.get("at"))),
    ...(attempt !== undefined && { attempt: Number(attempt) }),
    ...(instance !== undefined && { instance }),
    ...(outcome !== undefined && { outcome: outcome as Outcome }),
    ...(reason !== undefined && { reason: JSON.parse(reason) as Reason }),
  };
}
