import { startRedis } from "@mayfly/test-services";
import { RedisStore } from "@mayfly/store-redis";
import { describe, expect, inject, it, vi } from "vitest";
import { aPrefix, keysOf, patience, withRedis } from "./redis-harness.ts";
import { aClaimRequest, aScheduleRequest, runTask } from "./sample-request.ts";

describe("memory", () => {
  it("[REDIS-10] refuses new tasks when Redis is out of memory, and brings those that it has to their end", async () => {
    await using redis = await startRedis();
    await using store = new RedisStore({ url: redis.url });
    await store.open();
    const requests = Array.from({ length: 4 }, () => aScheduleRequest());
    for (const request of requests) await store.schedule(request);
    const [toFinish, toRelease, toAbort] = [await runTask(store), await runTask(store), await runTask(store)];
    await store.register("hello", {});
    await withRedis(redis.url, async (plain) => {
      await plain.configSet("maxmemory", "1");
      const full = { name: "StoreError", code: "full" };
      await expect(store.schedule(aScheduleRequest())).rejects.toMatchObject(full);
      await expect(store.register("hello", { maxTasks: 1 })).rejects.toMatchObject(full);
      await expect(store.progress(toFinish, "1")).rejects.toMatchObject(full);

      const [first, second, third, fourth] = requests as [
        (typeof requests)[0],
        (typeof requests)[0],
        (typeof requests)[0],
        (typeof requests)[0],
      ];
      expect(await store.claim(aClaimRequest(first))).toMatchObject({ answer: "granted" });
      expect(await store.claim(aClaimRequest(second, { leaseMs: 1 }))).toMatchObject({ answer: "granted" });
      expect(await store.attach(toFinish, { runtime: "test", handle: 1 })).toBe("ok");
      expect(await store.heartbeat([toFinish, toAbort])).toMatchObject([{ answer: "ok" }, { answer: "ok" }]);
      expect(await store.finish(toFinish, { outcome: "complete", result: "x".repeat(10_000) })).toMatchObject({
        answer: "ended",
      });
      expect(await store.release(toRelease, { cause: "give_back", delayMs: 0 })).toEqual({ answer: "released" });
      expect(await store.abort(toAbort.id, {})).toMatchObject({ answer: "aborting" });
      expect(await store.abort(third.task.id, {})).toMatchObject({ answer: "ended" });
      await vi.waitFor(async () => {
        expect((await store.recover({ shard: 0, limit: 100 })).ids).toEqual([second.task.id]);
      }, patience);
      await store.announced(fourth.task.id, fourth.announceToken);
      expect((await store.due({ shard: 0, limit: 100, maxBytes: 1_000_000 })).announcements).toHaveLength(2);
      expect((await store.expire({ shard: 0, limit: 100 })).ids).toEqual([]);
      expect(await store.find(toFinish.id)).toMatchObject({ outcome: "complete" });
      expect((await store.list({ limit: 100 })).tasks).toHaveLength(5);
      const instance = {
        id: "hello@host:1:aaaaaa",
        runtime: "test",
        concurrency: 1,
        running: 0,
        state: "active" as const,
        startedAt: new Date(0).toISOString(),
      };
      await store.beat("hello", instance, { ttlMs: 60_000 });
      expect(await store.instances("hello")).toHaveLength(1);
      await store.leave("hello", instance.id);

      await plain.configSet("maxmemory", "0");
      expect(await store.schedule(aScheduleRequest())).toMatchObject({ answer: "scheduled" });
    });
  });

  it("[REDIS-18] decides about what was announced when Redis is out of memory, and asks to repeat what needs a new record", async () => {
    await using redis = await startRedis();
    await using store = new RedisStore({ url: redis.url });
    await store.open();
    const { claim, owner, announced } = await prepareFaults(store);
    await withRedis(redis.url, async (plain) => {
      await plain.configSet("maxmemory", "1");
      const again = { name: "StoreError", code: "unavailable" };
      expect(await store.claim(claim)).toEqual({ answer: "lost" });
      await expect(store.claim({ ...claim, recreate: { retentionMs: 1 } })).rejects.toMatchObject(again);
      const { scheduler, body, scheduledAt } = claim.announcement;
      const { contentHash, timeout, instance, leaseMs, maxAttempts } = claim;
      const task = { scheduler, body, contentHash, timeout, instance, leaseMs, maxAttempts, retentionMs: 1 };
      const absent = { ...owner, id: claim.announcement.id, scheduledAt };
      const copy = { ...task, owner: absent, run: 1, failures: 0, runningForMs: 0 };
      await expect(store.restore(copy)).rejects.toMatchObject(again);

      expect(await store.finish(absent, { outcome: "complete" })).toEqual({ answer: "lost" });
      expect(await store.stalled({ shard: 0, limit: 10, ageMs: 0 })).toHaveLength(2);
      const [first, second] = announced;
      expect(await store.reannounce(first.task.id, first.announceToken)).toBe(true);
      const message = "It could not be read.";
      const dead = { id: second.task.id, token: second.announceToken, delayMs: 0, message };
      expect(await store.undelivered({ ...dead, maxFailures: 2 })).toEqual({ answer: "released" });
      const { announcements } = await store.due({ shard: 0, limit: 10, maxBytes: 1_000_000 });
      const token = announcements.find(({ id }) => id === dead.id)?.token ?? "";
      const ended = await store.undelivered({ ...dead, token, maxFailures: 2 });
      expect(ended).toMatchObject({ answer: "ended", view: { reason: { code: "undeliverable", message } } });
      expect(await store.finish(owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });

      await plain.configSet("maxmemory", "0");
      expect(await store.restore(copy)).toMatchObject({ answer: "ok" });
    });
  });

  it("[REDIS-11] keeps no more tombstones than it may, and those that last longest", async () => {
    const [url, prefix] = [inject("redisUrl"), aPrefix()];
    await using store = new RedisStore({ url, prefix, maxTombstones: 3 });
    await store.open();
    const ids: string[] = [];
    for (const retentionMs of [50_000, 10_000, 40_000, 30_000, 20_000]) {
      const owner = await runTask(store, aScheduleRequest({}, { retentionMs }));
      await store.appendLog(owner, "said");
      await store.finish(owner, { outcome: "complete" });
      ids.push(owner.id);
    }
    const known = await Promise.all(ids.map(async (id) => (await store.find(id)) !== undefined));
    expect(known).toEqual([true, false, true, true, false]);
    const logs = await Promise.all(ids.map((id) => store.readLog(id, { from: 0, limitBytes: 10 })));
    expect(logs.map(({ text }) => text)).toEqual(["said", "", "said", "said", ""]);
    await withRedis(url, async (redis) => redis.del([...(await keysOf(redis, prefix))]));
  });

  it("[REDIS-11] keeps about as many events as it may, and goes on from one that is gone", async () => {
    const [url, prefix] = [inject("redisUrl"), aPrefix()];
    await using store = new RedisStore({ url, prefix, maxEvents: 10 });
    await store.open();
    const { position } = await store.events({ limit: 1 });
    for (let task = 0; task < 150; task++) await store.abort((await scheduled(store)).task.id, {});
    const { events } = await store.events({ after: position, limit: 1_000 });
    expect(events.length).toBeLessThan(250);
    expect(events.length).toBeGreaterThanOrEqual(10);
    await withRedis(url, async (redis) => redis.del([...(await keysOf(redis, prefix))]));
  });

  it("[REDIS-12] leaves nothing of its tasks once their tombstones have expired", async () => {
    const [url, prefix] = [inject("redisUrl"), aPrefix()];
    await using store = new RedisStore({ url, prefix, shards: 2 });
    await store.open();
    await withRedis(url, async (redis) => {
      const baseline = await keysOf(redis, prefix);
      // Long enough for the look at what is kept to come before their end, however slow the machine is.
      const overrides = { retentionMs: 4_000 };
      for (let round = 0; round < 5; round++) {
        const finished = await runTask(store, aScheduleRequest({}, overrides));
        expect(await store.appendLog(finished, "said")).toBe("ok");
        const retried = await runTask(store, aScheduleRequest({ scheduler: "other" }, overrides));
        await store.release(retried, { cause: "retry", delayMs: 0, reason: { code: "failed" } });
        await store.abort(retried.id, {});
        await store.finish(finished, { outcome: "complete" });
        const timeout = new Date(Date.now() + 4_000).toISOString();
        const expiring = aScheduleRequest({ timeout }, { ...overrides, timeoutGiven: false });
        expect(await store.schedule(expiring)).toMatchObject({ answer: "scheduled" });
      }
      const left = async (): Promise<readonly string[]> => {
        for (const shard of [0, 1]) await store.expire({ shard, limit: 100 });
        return (await keysOf(redis, prefix)).filter((key) => !key.endsWith(":events"));
      };
      expect((await left()).length).toBeGreaterThan(baseline.length);
      await vi.waitFor(async () => expect(await left()).toEqual(baseline), patience);
      await redis.del([...(await keysOf(redis, prefix))]);
    });
  });
});

async function scheduled(store: RedisStore): Promise<ReturnType<typeof aScheduleRequest>> {
  const request = aScheduleRequest();
  await store.schedule(request);
  return request;
}

/** The claim of a task that is lost, the owner of one that runs, and two that are announced. */
async function prepareFaults(store: RedisStore) {
  const owner = await runTask(store);
  const announced = [await scheduled(store), await scheduled(store)] as const;
  for (const { task, announceToken } of announced) await store.announced(task.id, announceToken);
  // One from before the store was new.
  return { owner, announced, claim: aClaimRequest(aScheduleRequest()) };
}
