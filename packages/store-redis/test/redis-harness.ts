import { randomUUID } from "node:crypto";
import type { StoreHarness } from "@mayfly/store/contract";
import { RedisStore, type RedisStoreOptions } from "@mayfly/store-redis";
import { createClient } from "redis";
import { expect, inject, vi } from "vitest";

/** A key prefix that nobody else uses. */
export function aPrefix(): string {
  return `test-${randomUUID()}`;
}

/** An open store under a prefix of its own on the run's Redis, where time really passes. */
export async function openRedisHarness(options: Partial<RedisStoreOptions> = {}): Promise<StoreHarness> {
  const url = inject("redisUrl");
  const prefix = aPrefix();
  const store = new RedisStore({ url, prefix, ...options });
  await store.open();
  await leaveGap();
  return {
    store,
    now: () => Date.now(),
    advance: waitUntilPast,
    stepMs: 250,
    async close() {
      await store.close();
      await withRedis(url, (redis) => removeKeys(redis, prefix));
    },
  };
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

/** All keys under a prefix, sorted. */
export async function keysOf(redis: Redis, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of redis.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1_000 })) keys.push(...page);
  return [...new Set(keys)].sort();
}

async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  const keys = await keysOf(redis, prefix);
  if (keys.length > 0) await redis.del([...keys]);
}
