import { randomUUID } from "node:crypto";
import type { StoreHarness } from "@mayfly/store/contract";
import { RedisStore, type RedisStoreOptions } from "@mayfly/store-redis";
import { createClient } from "redis";
import { expect, inject, vi } from "vitest";
import { type Keyspace, openKeyspace } from "./keyspace.ts";

/** A key prefix that nobody else uses. */
export function aPrefix(): string {
  return `test-${randomUUID()}`;
}

/** How often is asked for what comes by itself, and for how long: longer than it takes on a busy machine. */
export const patience: { readonly timeout: number; readonly interval: number } = { timeout: 20_000, interval: 20 };

/** An open store under a prefix of its own, on the run's Redis unless another is named, where time really passes. */
export async function openRedisHarness(options: Partial<RedisStoreOptions> = {}): Promise<StoreHarness> {
  const { url = inject("redisUrl") } = options;
  const prefix = aPrefix();
  // Nothing here is about calls that take too long: a machine that stands still for a moment fails none.
  const store = new RedisStore({ prefix, callTimeoutMs: 20_000, ...options, url });
  // Open from the start: a wipe must be quick where it comes between two short times.
  const [keyspace] = await Promise.all([openKeyspace(url), store.open()]);
  await leaveGap();
  return {
    store,
    now: () => Date.now(),
    advance: waitUntilPast,
    stepMs: 250,
    async wipe() {
      await keyspace.remove(await keyspace.keys(prefix));
      await watchAll(store);
    },
    async close() {
      await store.close();
      await keyspace.remove(await keyspace.keys(prefix));
      keyspace.close();
    },
  };
}

/** Lets a store look at its servers as the sweeper does once a second: a wipe is noticed, and opens a gap until now. */
export async function watchAll(store: RedisStore): Promise<void> {
  await Promise.all(Array.from({ length: store.shards }, (_, shard) => store.recover({ shard, limit: 1 })));
}

/** What is scheduled in the millisecond in which a gap was opened counts as scheduled in it. */
async function leaveGap(): Promise<void> {
  await waitUntilPast(1);
}

/** Resolves when so much time has passed for Redis, which is on this host. */
async function waitUntilPast(byMs: number): Promise<void> {
  const until = Date.now() + byMs;
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(until), { timeout: byMs + 10_000, interval: 5 });
}

/** A plain client of Redis. */
export type Redis = ReturnType<typeof plainClient>;

const plainClient = (url: string) => createClient({ url });

/** Lends a plain connection, as soon as there is one. */
export async function withRedis<Result>(url: string, use: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = plainClient(url).on("error", () => undefined);
  await redis.connect();
  try {
    return await use(redis);
  } finally {
    redis.destroy();
  }
}

/** Lends a view of the keys of a single node or of a Cluster. */
export async function withKeyspace<Result>(url: string, use: (keyspace: Keyspace) => Promise<Result>): Promise<Result> {
  const keyspace = await openKeyspace(url);
  try {
    return await use(keyspace);
  } finally {
    keyspace.close();
  }
}

/** All keys under a prefix, sorted. */
export async function keysOf(redis: Redis, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of redis.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1_000 })) keys.push(...page);
  return [...new Set(keys)].sort();
}
