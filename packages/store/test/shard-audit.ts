import { expect } from "vitest";
import type { Shard } from "../src/in-memory/shard.ts";

/** Compares the records of a shard with its indexes (I7, I8): each task is where its state says. */
export function auditShard(shard: Shard): void {
  for (const { id, state, timeout, claim } of shard.records.values()) {
    const isScheduled = state === "scheduled";
    const places = [shard.outbox.get(id), shard.announced.get(id)].filter((at) => at !== undefined);
    expect({ id, state, places: places.length }).toEqual({ id, state, places: isScheduled ? 1 : 0 });
    expect(shard.timeouts.get(id), `timeout of ${id}`).toBe(timeout);
    expect(shard.leases.get(id), `lease of ${id}`).toBe(isScheduled ? undefined : claim?.leaseEndsAt);
    expect(shard.tombstones.find(id, shard.now()), `${id} is not alive and done`).toBeUndefined();
  }
  const indexed = {
    timeouts: shard.timeouts.size,
    others: shard.outbox.size + shard.announced.size + shard.leases.size,
  };
  expect(indexed).toEqual({ timeouts: shard.records.size, others: shard.records.size });
}
