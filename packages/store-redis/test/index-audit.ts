import { expect } from "vitest";
import { recordFields, tombstoneFields } from "../src/scripts.generated.ts";
import type { Keyspace } from "./keyspace.ts";

type Fields = Readonly<Record<string, string>>;

/**
 * Compares the records of a store with its indexes (I7, I8): each live task is where its state says, and nothing else is
 * anywhere. Reads the keys by itself, without a line of the store's code but the order of the fields.
 */
export async function auditIndexes(keyspace: Keyspace, prefix: string): Promise<void> {
  const keys = (await keyspace.keys(prefix)).filter((key) => key.startsWith(`${prefix}:{`));
  const roots = new Set(keys.map((key) => key.slice(0, key.indexOf("}:") + 2)));
  await Promise.all(
    [...roots].map((root) =>
      auditShard(
        keyspace,
        root,
        keys.filter((key) => key.startsWith(root)),
      ),
    ),
  );
}

async function auditShard(keyspace: Keyspace, root: string, keys: readonly string[]): Promise<void> {
  const named = (family: string): readonly string[] => keys.filter((key) => key.startsWith(root + family));
  const members = async (family: string): Promise<ReadonlyMap<string, number>> => {
    const lists = await Promise.all(named(family).map((key) => keyspace.zRangeWithScores(key, 0, -1)));
    return new Map(lists.flat().map(({ value, score }) => [value, score]));
  };
  const [records, tombstones, names, claimed] = await Promise.all([
    fieldsOf(keyspace, named("task:"), recordFields),
    fieldsOf(keyspace, named("done:"), tombstoneFields),
    keyspace.sMembers(`${root}names`),
    keyspace.hGetAll(`${root}claimed`),
  ]);
  const [timeout, lease, outbox, announced, waiting, running, ended] = await Promise.all([
    members("timeout"),
    members("lease"),
    members("outbox"),
    members("announced"),
    members("waiting:"),
    members("running:"),
    members("ended"),
  ]);

  const all = [...records.keys()].sort();
  const scheduled = all.filter((id) => records.get(id)?.["state"] === "scheduled");
  const owned = all.filter((id) => records.get(id)?.["state"] !== "scheduled");
  expect(sorted(timeout), "timeout holds every record").toEqual(all);
  expect(sorted(waiting), "waiting holds what is scheduled").toEqual(scheduled);
  expect(sorted(running), "running holds what is owned").toEqual(owned);
  expect(sorted(lease), "lease holds what is owned").toEqual(owned);
  expect(
    [...outbox.keys(), ...announced.keys()].sort(),
    "the outbox or announced holds what is scheduled, once",
  ).toEqual(scheduled);
  expect(
    all.filter((id) => tombstones.has(id)),
    "no task is alive and done",
  ).toEqual([]);
  expect(sorted(ended), "ended holds every tombstone").toEqual(expect.arrayContaining(sorted(tombstones)));
  const schedulers = [...new Set([...records.values()].map((record) => record["scheduler"] ?? ""))].sort();
  expect([...names].sort(), "names holds the schedulers of live tasks").toEqual(schedulers);
  expect(schedulers, "claimed holds schedulers of live tasks").toEqual(expect.arrayContaining(Object.keys(claimed)));
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
  keyspace: Keyspace,
  keys: readonly string[],
  names: readonly string[],
): Promise<ReadonlyMap<string, Fields>> {
  const values = await keyspace.mGet([...keys]);
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
