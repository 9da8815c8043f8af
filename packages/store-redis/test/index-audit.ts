import { expect } from "vitest";
import { recordFields, tombstoneFields } from "../src/scripts.generated.ts";
import { keysOf, type Redis } from "./redis-harness.ts";

type Fields = Readonly<Record<string, string>>;

/**
 * Compares the records of a store with its indexes (I7, I8): each live task is where its state says, and nothing else is
 * anywhere. Reads the keys by itself, without a line of the store's code but the order of the fields.
 */
export async function auditIndexes(redis: Redis, prefix: string): Promise<void> {
  const keys = (await keysOf(redis, prefix)).filter((key) => key.startsWith(`${prefix}:{`));
  for (const root of new Set(keys.map((key) => key.slice(0, key.indexOf("}:") + 2)))) {
    await auditShard(
      redis,
      root,
      keys.filter((key) => key.startsWith(root)),
    );
  }
}

async function auditShard(redis: Redis, root: string, keys: readonly string[]): Promise<void> {
  const named = (family: string): readonly string[] => keys.filter((key) => key.startsWith(root + family));
  const members = async (family: string): Promise<ReadonlyMap<string, number>> => {
    const lists = await Promise.all(named(family).map((key) => redis.zRangeWithScores(key, 0, -1)));
    return new Map(lists.flat().map(({ value, score }) => [value, score]));
  };
  const [records, tombstones] = [
    await fieldsOf(redis, named("task:"), recordFields),
    await fieldsOf(redis, named("done:"), tombstoneFields),
  ];
  const [timeout, lease, outbox] = [await members("timeout"), await members("lease"), await members("outbox")];
  const [waiting, running, ended] = [await members("waiting:"), await members("running:"), await members("ended")];
  const names = await redis.sMembers(`${root}names`);

  const all = [...records.keys()].sort();
  const scheduled = all.filter((id) => records.get(id)?.["state"] === "scheduled");
  const owned = all.filter((id) => records.get(id)?.["state"] !== "scheduled");
  expect(sorted(timeout), "timeout holds every record").toEqual(all);
  expect(sorted(waiting), "waiting holds what is scheduled").toEqual(scheduled);
  expect(sorted(running), "running holds what is owned").toEqual(owned);
  expect(sorted(lease), "lease holds what is owned").toEqual(owned);
  expect(scheduled, "the outbox holds only what is scheduled").toEqual(expect.arrayContaining(sorted(outbox)));
  expect(
    all.filter((id) => tombstones.has(id)),
    "no task is alive and done",
  ).toEqual([]);
  expect(sorted(ended), "ended holds every tombstone").toEqual(expect.arrayContaining(sorted(tombstones)));
  const schedulers = [...new Set([...records.values()].map((record) => record["scheduler"] ?? ""))].sort();
  expect([...names].sort(), "names holds the schedulers of live tasks").toEqual(schedulers);
  for (const [id, record] of records) {
    expect(timeout.get(id), `timeout of ${id}`).toBe(Number(record["timeout"]));
    const listed = record["state"] === "scheduled" ? waiting : running;
    expect(listed.get(id), `place of ${id}`).toBe(-Number(record["scheduledAt"]));
    const family = record["state"] === "scheduled" ? "waiting:" : "running:";
    expect(keys, `list of ${id}`).toContain(`${root}${family}${record["scheduler"]}`);
  }
}

function sorted(index: ReadonlyMap<string, unknown>): string[] {
  return [...index.keys()].sort();
}

/** The lines of each packed value, by the id at the end of its key. */
async function fieldsOf(
  redis: Redis,
  keys: readonly string[],
  names: readonly string[],
): Promise<ReadonlyMap<string, Fields>> {
  const values = keys.length === 0 ? [] : await redis.mGet([...keys]);
  return new Map(
    keys.map((key, index) => {
      const lines = (values[index] ?? "").split("\n");
      return [
        key.slice(key.lastIndexOf(":") + 1),
        Object.fromEntries(names.map((name, at) => [name, lines[at] ?? ""])),
      ];
    }),
  );
}
