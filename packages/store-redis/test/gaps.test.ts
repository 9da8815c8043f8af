import { randomUUID } from "node:crypto";
import { RedisStore } from "@mayfly/store-redis";
import { startRedis } from "@mayfly/test-services";
import { expect, inject, it, vi } from "vitest";
import { aPrefix, keysOf, patience, type Redis, watchAll, withRedis } from "./redis-harness.ts";
import { aClaimRequest, aScheduleRequest } from "./sample-request.ts";

const slackMs = 60_000;
const longestTimeoutMs = 30 * 24 * 3_600_000;

/** What a claim of a task answers that was scheduled then and of which nothing is there. */
async function claimAbsent(store: RedisStore, scheduledAt: number): Promise<string> {
  const { announcement, ...claim } = aClaimRequest(aScheduleRequest());
  return (await store.claim({ ...claim, announcement: { ...announcement, id: randomUUID(), scheduledAt } })).answer;
}

async function gapsOf(redis: Redis, prefix: string): Promise<{ server: string; seenAt: number; spans: number[][] }> {
  const { server = "", seenAt, spans = "" } = await redis.hGetAll(`${prefix}:{0}:gaps`);
  const parsed = spans.split(" ").map((span) => span.split("-").map(Number));
  return { server, seenAt: Number(seenAt), spans: spans === "" ? [] : parsed };
}

it("[REDIS-16] takes what was scheduled until a store is new for lost, and nothing later", async () => {
  const [url, prefix] = [inject("redisUrl"), aPrefix()];
  await using store = new RedisStore({ url, prefix });
  await store.open();
  await withRedis(url, async (redis) => {
    const { server, seenAt, spans } = await gapsOf(redis, prefix);
    expect(await redis.info("server")).toContain(`run_id:${server}`);
    expect(spans).toEqual([[0, seenAt]]);
    expect(await claimAbsent(store, seenAt)).toBe("lost");
    expect(await claimAbsent(store, seenAt + 1)).toBe("gone");
    await redis.del([...(await keysOf(redis, prefix))]);
  });
});

it("[REDIS-16] opens a gap from a minute before Redis was seen last until in a minute, when it has started anew", async () => {
  await using redis = await startRedis();
  await using store = new RedisStore({ url: redis.url });
  await store.open();
  const scheduledAt = Date.now() + 1_000;
  expect(await claimAbsent(store, scheduledAt)).toBe("gone");
  const before = await withRedis(redis.url, (plain) => gapsOf(plain, "mayfly"));
  await redis.kill();
  await redis.restart();
  await vi.waitFor(() => store.ping(), patience);
  expect(await claimAbsent(store, scheduledAt)).toBe("lost");
  await withRedis(redis.url, async (plain) => {
    const { server, seenAt, spans } = await gapsOf(plain, "mayfly");
    expect(server).not.toBe(before.server);
    // It reaches into the one from the birth of the store, so that both are one.
    expect(spans).toEqual([[0, seenAt + slackMs]]);
    expect(await claimAbsent(store, seenAt + slackMs + 1)).toBe("gone");
  });
});

it("[REDIS-16] keeps gaps apart that do not meet, and drops one when whatever was scheduled in it has timed out", async () => {
  const [url, prefix] = [inject("redisUrl"), aPrefix()];
  await using store = new RedisStore({ url, prefix });
  await store.open();
  await withRedis(url, async (redis) => {
    const now = Date.now();
    const [old, recent] = [now - longestTimeoutMs, now - 3_600_000];
    await redis.hSet(`${prefix}:{0}:gaps`, {
      server: "another",
      seenAt: String(recent),
      spans: `0-${old - 1} ${old}-${old + 20_000}`,
    });
    expect(await claimAbsent(store, 5)).toBe("gone");
    expect(await claimAbsent(store, old + 20_000)).toBe("lost");
    const { seenAt, spans } = await gapsOf(redis, prefix);
    expect(spans).toEqual([
      [old, old + 20_000],
      [recent - slackMs, seenAt + slackMs],
    ]);
    expect(await claimAbsent(store, recent - slackMs - 1)).toBe("gone");
    expect(await claimAbsent(store, recent - slackMs)).toBe("lost");
    await redis.del([...(await keysOf(redis, prefix))]);
  });
});

it("[REDIS-16] notices with each pass of the sweeper that Redis is still the same", async () => {
  const [url, prefix] = [inject("redisUrl"), aPrefix()];
  await using store = new RedisStore({ url, prefix });
  await store.open();
  await withRedis(url, async (redis) => {
    const { spans } = await gapsOf(redis, prefix);
    await redis.hSet(`${prefix}:{0}:gaps`, "seenAt", "1000000");
    const now = Date.now();
    await watchAll(store);
    const after = await gapsOf(redis, prefix);
    expect(after.seenAt).toBeGreaterThanOrEqual(now);
    expect(after.spans).toEqual(spans);
    await redis.del([...(await keysOf(redis, prefix))]);
  });
});

it("[REDIS-16] counts from when Redis was seen last also when its clock has been set back since", async () => {
  const [url, prefix] = [inject("redisUrl"), aPrefix()];
  await using store = new RedisStore({ url, prefix });
  await store.open();
  await withRedis(url, async (redis) => {
    const before = await gapsOf(redis, prefix);
    await redis.hSet(`${prefix}:{0}:gaps`, { seenAt: String(before.seenAt + 10 * slackMs) });
    await store.recover({ shard: 0, limit: 1 });
    const { seenAt, spans } = await gapsOf(redis, prefix);
    expect(seenAt).toBeLessThan(before.seenAt + slackMs);
    expect(spans).toEqual(before.spans);
    await redis.del([...(await keysOf(redis, prefix))]);
  });
});

it("[STORE-83] knows that a task is gone that it has nothing of, once no gap is left and Redis is still the same", async () => {
  const [url, prefix] = [inject("redisUrl"), aPrefix()];
  await using store = new RedisStore({ url, prefix });
  await store.open();
  await withRedis(url, async (redis) => {
    const gaps = `${prefix}:{0}:gaps`;
    const ask = async (): Promise<string> => (await store.currentRun(randomUUID())).answer;
    expect(await ask()).toBe("unknown");
    const overMs = Date.now() - longestTimeoutMs;
    await redis.hSet(gaps, "spans", `0-${overMs - 1} ${overMs}-${overMs + 20_000}`);
    expect(await ask()).toBe("unknown");
    await redis.hSet(gaps, "spans", `0-${overMs - 1}`);
    expect(await ask()).toBe("gone");
    const before = await redis.hGetAll(gaps);
    await redis.hSet(gaps, "server", "another");
    expect(await ask()).toBe("unknown");
    expect(await redis.hGetAll(gaps)).toEqual({ ...before, server: "another" });
    await redis.del(gaps);
    expect(await ask()).toBe("unknown");
    await redis.del([...(await keysOf(redis, prefix))]);
  });
});
