import { freePort, type RedisServer, startProxy, startRedis } from "@mayfly/test-services";
import { RedisStore } from "@mayfly/store-redis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { patience, withRedis } from "./redis-harness.ts";
import { aClaimRequest, aScheduleRequest, runTask } from "./sample-request.ts";

const unavailable = { name: "StoreError", code: "unavailable" };

/** Longer than a test may take: what ends before it has ended at once. */
const foreverMs = 300_000;

describe("when Redis is away", () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.remove());

  it("[REDIS-2] fails each call at once, and goes on with the same store when Redis is back", async () => {
    await using store = new RedisStore({ url: redis.url, callTimeoutMs: foreverMs });
    await store.open();
    const owner = await runTask(store);
    await redis.stop();
    await vi.waitFor(() => expect(store.ping()).rejects.toMatchObject(unavailable), patience);
    await expect(store.schedule(aScheduleRequest())).rejects.toMatchObject(unavailable);
    await expect(store.heartbeat([owner])).rejects.toMatchObject(unavailable);
    await expect(store.list({ limit: 1 })).rejects.toMatchObject(unavailable);
    await expect(store.watchDone(owner.id, () => undefined)).rejects.toMatchObject(unavailable);
    await redis.restart();
    await vi.waitFor(() => store.ping(), patience);
    expect(await store.finish(owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
  });

  it("[REDIS-2] hears hints again when Redis is back", async () => {
    await using store = new RedisStore({ url: redis.url });
    await store.open();
    const ended: string[] = [];
    const owner = await runTask(store);
    await store.watchDone(owner.id, () => ended.push(owner.id));
    await store.watchStops("hello@host:1:aaaaaa", ({ id }) => ended.push(id));
    await redis.restart();
    await vi.waitFor(() => store.ping(), patience);
    const other = await runTask(store);
    await vi.waitFor(async () => {
      await store.abort(other.id, {});
      expect(ended).toContain(other.id);
    }, patience);
    await store.finish(owner, { outcome: "complete" });
    await vi.waitFor(() => expect(ended).toContain(owner.id), patience);
  });

  it("[REDIS-3] gives up a call in time when Redis does not answer, and Redis does not carry it out later", async () => {
    await using store = new RedisStore({ url: redis.url, callTimeoutMs: 3_000 });
    await using observer = new RedisStore({ url: redis.url, callTimeoutMs: foreverMs });
    await Promise.all([store.open(), observer.open()]);
    const [waiting, late] = [aScheduleRequest(), aScheduleRequest()];
    await store.schedule(waiting);
    const owner = await runTask(store);
    await observer.abort(owner.id, {});
    redis.pause();
    const calls = [
      store.claim(aClaimRequest(waiting)),
      store.schedule(late),
      store.heartbeat([owner]),
      store.find(owner.id),
      store.watchDone(owner.id, () => undefined),
    ];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes).toMatchObject(calls.map(() => ({ status: "rejected", reason: unavailable })));
    redis.resume();
    await vi.waitFor(() => store.ping(), patience);
    expect(await observer.find(waiting.task.id)).toMatchObject({ state: "scheduled" });
    expect(await observer.find(late.task.id)).toBeUndefined();
    expect(await store.claim(aClaimRequest(waiting))).toMatchObject({ answer: "granted", attempt: 1 });
  });

  it("[REDIS-3] connects anew when a connection stands without a word", async () => {
    await using proxy = await startProxy(redis.port);
    const url = `redis://127.0.0.1:${proxy.port}`;
    await using store = new RedisStore({ url, callTimeoutMs: 2_000 });
    await store.open();
    expect(proxy.connections.accepted).toBe(2);
    proxy.mute();
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    expect(proxy.connections.accepted).toBe(2);
    await vi.waitFor(() => store.ping(), patience);
    expect(proxy.connections.accepted).toBe(3);
  });

  it("[REDIS-4] tries again within its time while Redis says that it is busy", async () => {
    await using store = new RedisStore({ url: redis.url, callTimeoutMs: foreverMs });
    await store.open();
    await withRedis(redis.url, async (plain) => {
      await plain.configSet("busy-reply-threshold", "1");
      await withRedis(redis.url, async (blocker) => {
        const blocked = blocker.eval("while true do end", { keys: [], arguments: [] }).catch(() => "killed");
        await vi.waitFor(() => expect(plain.ping()).rejects.toThrow("BUSY"), patience);
        const answer = store.ping();
        await vi.waitFor(() => plain.sendCommand(["SCRIPT", "KILL"]), patience);
        expect(await blocked).toBe("killed");
        await answer;
      });
    });
  });

  it("[REDIS-4] tries again within its time while Redis can only be read", async () => {
    await using store = new RedisStore({ url: redis.url, callTimeoutMs: foreverMs });
    await using impatient = new RedisStore({ url: redis.url, callTimeoutMs: 300 });
    await Promise.all([store.open(), impatient.open()]);
    await withRedis(redis.url, async (plain) => {
      await plain.sendCommand(["REPLICAOF", "127.0.0.1", String(await freePort())]);
      const request = aScheduleRequest();
      const answer = store.schedule(request);
      await expect(impatient.schedule(aScheduleRequest())).rejects.toMatchObject(unavailable);
      await plain.sendCommand(["REPLICAOF", "NO", "ONE"]);
      expect(await answer).toMatchObject({ answer: "scheduled" });
    });
  });
});
