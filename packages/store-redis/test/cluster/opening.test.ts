import { RedisStore } from "@mayfly/store-redis";
import { startRedis, startRedisCluster } from "@mayfly/test-services";
import { expect, it } from "vitest";
import { withRedis } from "../redis-harness.ts";

const incompatible = { name: "StoreError", code: "incompatible" };

it("[REDIS-15] does not wait for a Redis Cluster that lets nobody in, and opens one that does", async () => {
  await using cluster = await startRedisCluster();
  for (const url of cluster.urls) await setPassword(url);
  for (const user of ["", ":wrong@"]) {
    await using store = new RedisStore({ url: withUser(cluster.urls, user) });
    await expect(store.open()).rejects.toMatchObject(incompatible);
  }
  await using store = new RedisStore({ url: withUser(cluster.urls, ":secret@") });
  await store.open();
  expect(store.shards).toBe(16);
  await store.ping();
});

it("[REDIS-15] does not wait for a single node that is given as a Redis Cluster", async () => {
  await using redis = await startRedis();
  await using store = new RedisStore({ url: `${redis.url},${redis.url}` });
  await expect(store.open()).rejects.toMatchObject(incompatible);
});

async function setPassword(url: string): Promise<void> {
  await withRedis(url, (redis) => redis.configSet("requirepass", "secret"));
}

function withUser(urls: readonly string[], user: string): string {
  return urls.map((url) => url.replace("redis://", `redis://${user}`)).join(",");
}
