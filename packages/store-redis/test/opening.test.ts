import { RecordingLogger } from "@mayfly/service/testing";
import { freePort, startRedis } from "@mayfly/test-services";
import { RedisStore } from "@mayfly/store-redis";
import { describe, expect, inject, it, vi } from "vitest";
import { aPrefix, keysOf, patience, withRedis } from "./redis-harness.ts";
import { runTask } from "./sample-request.ts";

const incompatible = { name: "StoreError", code: "incompatible" };
const closed = { name: "StoreError", code: "closed" };

describe("opening", () => {
  it("[REDIS-5] waits until there is a Redis", async () => {
    const port = await freePort();
    const logger = new RecordingLogger();
    await using store = new RedisStore({ url: `redis://127.0.0.1:${port}`, logger });
    const opening = store.open();
    await vi.waitFor(() => expect(logger.entries.length).toBeGreaterThan(1), patience);
    await expect(store.ping()).rejects.toMatchObject({ code: "unavailable" });
    await using redis = await startRedis({ port });
    await opening;
    expect(redis.url).toContain(String(port));
    await store.ping();
  });

  it("[REDIS-5] waits until Redis has loaded its data", async () => {
    // So slowly that whoever asks comes in time, however long the wait for the next attempt to connect.
    const slowly = ["--key-load-delay", "500"];
    await using redis = await startRedis({ extraArgs: slowly });
    await withRedis(redis.url, async (plain) => {
      for (let key = 0; key < 10_000; key++) void plain.set(`key-${key}`, "x".repeat(100));
      await plain.ping();
    });
    await redis.stop();
    await using store = new RedisStore({ url: redis.url, callTimeoutMs: 500 });
    let isOpen = false;
    const opening = store.open().then(() => {
      isOpen = true;
    });
    const restarting = redis.restart();
    await withRedis(redis.url, async (plain) => {
      await expect(plain.dbSize()).rejects.toThrow("LOADING");
      expect(isOpen).toBe(false);
      await plain.configSet("key-load-delay", "0");
    });
    await Promise.all([opening, restarting]);
    await store.ping();
  });

  it("[REDIS-5] ends an opening that is under way when it is closed", async () => {
    const store = new RedisStore({ url: `redis://127.0.0.1:${await freePort()}` });
    const outcomes = Promise.allSettled([store.open()]);
    await store.close();
    expect(await outcomes).toMatchObject([{ status: "rejected", reason: closed }]);
    await expect(store.open()).rejects.toMatchObject(closed);
  });

  it("[REDIS-5] refuses an address that is none, without repeating it", () => {
    for (const url of ["", "127.0.0.1", "http://127.0.0.1", "redis://a:secret@b:c", "redis://a,"]) {
      const make = (): RedisStore => new RedisStore({ url });
      expect(make).toThrow(TypeError);
      expect(make).not.toThrow("secret");
    }
  });

  it("[REDIS-5] closes without having been opened", async () => {
    const store = new RedisStore({ url: inject("redisUrl") });
    await store.close();
    await expect(store.ping()).rejects.toMatchObject(closed);
  });

  it("[REDIS-5] does not wait for a Redis that lets nobody in", async () => {
    await using redis = await startRedis({ extraArgs: ["--requirepass", "secret"] });
    const address = `127.0.0.1:${redis.port}`;
    for (const url of [`redis://${address}`, `redis://:wrong@${address}`]) {
      await using store = new RedisStore({ url });
      await expect(store.open()).rejects.toMatchObject(incompatible);
    }
    await using store = new RedisStore({ url: `redis://:secret@${address}` });
    await store.open();
    await store.ping();
  });

  it("[REDIS-6] keeps the number of shards that it was made with, and refuses another one", async () => {
    const [url, prefix] = [inject("redisUrl"), aPrefix()];
    await using first = new RedisStore({ url, prefix, shards: 3 });
    await first.open();
    await using follower = new RedisStore({ url, prefix });
    await follower.open();
    expect(follower.shards).toBe(3);
    const other = new RedisStore({ url, prefix, shards: 4 });
    await expect(other.open()).rejects.toMatchObject(incompatible);
    await expect(other.open()).rejects.toThrow("there are 3 shards");
    await expect(other.ping()).rejects.toMatchObject(incompatible);
    await withRedis(url, async (redis) => redis.del([...(await keysOf(redis, prefix))]));
  });

  it("[REDIS-6] refuses data of another format", async () => {
    const [url, prefix] = [inject("redisUrl"), aPrefix()];
    await withRedis(url, async (redis) => {
      await redis.hSet(`${prefix}:meta`, { format: "2", shards: "1" });
      await using store = new RedisStore({ url, prefix });
      await expect(store.open()).rejects.toMatchObject(incompatible);
      await redis.del(`${prefix}:meta`);
    });
  });

  it("[REDIS-6] writes down its number of shards again when Redis has lost everything", async () => {
    await using redis = await startRedis();
    await using store = new RedisStore({ url: redis.url, shards: 3 });
    await store.open();
    await withRedis(redis.url, async (plain) => {
      await plain.flushAll();
      await plain.sendCommand(["CLIENT", "KILL", "TYPE", "NORMAL"]);
      await vi.waitFor(async () => expect(await plain.hGet("mayfly:meta", "shards")).toBe("3"), patience);
    });
    await runTask(store);
  });

  it("[REDIS-6] refuses to go on when it comes back to data of another format", async () => {
    await using redis = await startRedis();
    await using store = new RedisStore({ url: redis.url });
    await store.open();
    await withRedis(redis.url, async (plain) => {
      await plain.hSet("mayfly:meta", "format", "2");
      await plain.sendCommand(["CLIENT", "KILL", "TYPE", "NORMAL"]);
      await vi.waitFor(() => expect(store.ping()).rejects.toMatchObject(incompatible), patience);
    });
  });

  it("[REDIS-7] refuses in production a Redis that may lose what it has acknowledged, and else warns", async () => {
    await using redis = await startRedis({ appendonly: false, extraArgs: ["--maxmemory-policy", "allkeys-lru"] });
    const open = async (production: boolean): Promise<RecordingLogger> => {
      const logger = new RecordingLogger();
      await using store = new RedisStore({ url: redis.url, production, logger });
      await store.open();
      return logger;
    };
    await expect(open(true)).rejects.toMatchObject(incompatible);
    await expect(open(true)).rejects.toThrow(/appendonly.*maxmemory-policy/);
    const warnings = (await open(false)).entries.filter(({ level }) => level === "warn");
    expect(warnings).toMatchObject([{ fields: { problems: [/appendonly/, /maxmemory-policy/].map(matching) } }]);

    await withRedis(redis.url, async (plain) => {
      await plain.configSet("appendonly", "yes");
      await expect(open(true)).rejects.toThrow(/maxmemory-policy/);
      await plain.configSet("maxmemory-policy", "noeviction");
    });
    expect((await open(true)).entries).toEqual([]);
  });
});

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
