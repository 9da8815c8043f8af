import { readFileSync } from "node:fs";
import { RedisStore } from "@mayfly/store-redis";
import { expect, inject, it, onTestFinished } from "vitest";
import { aPrefix, keysOf, withRedis } from "./redis-harness.ts";
import { aClaimRequest, aScheduleRequest, runTask } from "./sample-request.ts";

const document = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
const setUser = /^ACL SETUSER mayfly .*$/m.exec(document)?.[0] ?? "";

it("[DOC-7] the user of docs/operations.md for Redis may do what the store does, and not much more", async () => {
  const [rootUrl, prefix] = [inject("redisUrl"), aPrefix()];
  await withRedis(rootUrl, (redis) => redis.sendCommand(setUser.replaceAll("mayfly:", `${prefix}:`).split(" ")));
  onTestFinished(() =>
    withRedis(rootUrl, async (redis) => {
      await redis.aclDelUser("mayfly");
      await redis.del([...(await keysOf(redis, prefix))]);
    }),
  );
  const url = rootUrl.replace("redis://", "redis://mayfly:SECRET@");
  await withRedis(url, async (redis) => {
    await expect(redis.keys("*")).rejects.toThrow("NOPERM");
    await expect(redis.get("other")).rejects.toThrow("NOPERM");
  });

  await using store = new RedisStore({ url, prefix });
  await store.open();
  await store.register("hello", { description: "Greets" });
  const instance = { id: "a", runtime: "test", concurrency: 1, running: 0, state: "active" as const };
  await store.beat("hello", { ...instance, startedAt: "2026-01-01T00:00:00.000Z" }, { ttlMs: 60_000 });
  expect(await store.instances("hello")).toHaveLength(1);
  await store.leave("hello", "a");
  expect(await store.schedulers()).toEqual(["hello"]);

  const finished = await runTask(store);
  const subscription = await store.watchDone(finished.id, () => undefined);
  expect(await store.attach(finished, { runtime: "test", handle: 1 })).toBe("ok");
  expect(await store.progress(finished, "1")).toBe("ok");
  expect(await store.heartbeat([finished])).toMatchObject([{ answer: "ok" }]);
  expect(await store.finish(finished, { outcome: "complete" })).toMatchObject({ answer: "ended" });
  subscription.close();
  const released = await runTask(store);
  expect(await store.release(released, { cause: "give_back", delayMs: 0 })).toEqual({ answer: "released" });
  expect((await store.due({ shard: 0, limit: 100, maxBytes: 1_000_000 })).announcements).toHaveLength(1);
  const lost = aScheduleRequest();
  await store.schedule(lost);
  await store.announced(lost.task.id, lost.announceToken);
  expect(await store.claim(aClaimRequest(lost, { leaseMs: 1 }))).toMatchObject({ answer: "granted" });
  await expect.poll(async () => (await store.recover({ shard: 0, limit: 100 })).ids).toEqual([lost.task.id]);
  expect((await store.list({ limit: 10 })).tasks).toHaveLength(2);
  expect(await store.count(lost.task.scheduler)).toEqual({ scheduled: 2, running: 0 });
  for (const id of [released.id, lost.task.id]) {
    expect(await store.abort(id, {})).toMatchObject({ answer: "ended" });
    expect(await store.find(id)).toMatchObject({ outcome: "aborted" });
  }
  const gone = aClaimRequest(aScheduleRequest());
  expect(await store.claim(gone)).toEqual({ answer: "lost" });
  expect(await store.claim({ ...gone, recreate: { retentionMs: 1 } })).toMatchObject({ answer: "granted" });
  const { id, scheduler, body, scheduledAt } = gone.announcement;
  const owner = { id, attempt: 1, token: gone.token, scheduledAt };
  const copy = { ...gone, owner, scheduler, body, run: 1, failures: 0, retentionMs: 1, runningForMs: 0 };
  expect(await store.restore(copy)).toMatchObject({ answer: "ok" });
  expect(await store.finish(owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
  const silent = aScheduleRequest();
  await store.schedule(silent);
  await store.announced(silent.task.id, silent.announceToken);
  expect(await store.stalled({ shard: 0, limit: 10, ageMs: 0 })).toHaveLength(1);
  expect(await store.reannounce(silent.task.id, silent.announceToken)).toBe(true);
  const dead = { id: silent.task.id, token: silent.announceToken, delayMs: 0, maxFailures: 1, message: "" };
  expect(await store.undelivered(dead)).toEqual({ answer: "stale" });
  await store.abort(silent.task.id, {});
  const late = { timeout: new Date(Date.now() + 3_000).toISOString() };
  await store.schedule(aScheduleRequest(late));
  await expect.poll(async () => (await store.expire({ shard: 0, limit: 100 })).ids).toHaveLength(1);
  expect((await store.events({ limit: 100 })).events.length).toBeGreaterThan(5);
  expect(await store.deregister("hello")).toBe("removed");
});
