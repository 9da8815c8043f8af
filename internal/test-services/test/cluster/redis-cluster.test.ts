import { existsSync } from "node:fs";
import { createCluster } from "redis";
import { expect, it, vi } from "vitest";
import { type RedisCluster, startRedisCluster } from "../../src/redis-cluster.ts";

function clientOf(cluster: RedisCluster) {
  return createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) });
}

async function withClient<T>(cluster: RedisCluster, use: (client: ReturnType<typeof clientOf>) => Promise<T>) {
  const client = clientOf(cluster);
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

const keys = Array.from({ length: 50 }, (_, number) => `key-${number}`);

it("[REDIS-14] keeps the data of a primary that is killed and restarted", async () => {
  await using cluster = await startRedisCluster();
  await withClient(cluster, async (client) => {
    for (const key of keys) await client.set(key, "kept");
  });
  await cluster.killPrimary(0);
  await cluster.restart(0);
  await withClient(cluster, async (client) => {
    for (const key of keys) expect(await client.get(key)).toBe("kept");
  });
});

it("[REDIS-14] lets a replica take over, and leaves nothing behind", async () => {
  const cluster = await startRedisCluster({ replicas: true });
  const killed = await cluster.killPrimary(1);
  const successor = await cluster.primary(1);
  expect(successor.port).not.toBe(killed.port);
  await cluster.ready();
  await withClient(cluster, async (client) => {
    for (const key of keys) await client.set(key, "kept");
  });
  await cluster.restart(1);
  expect((await cluster.primary(1)).port).toBe(successor.port);
  await cluster.close();
  await vi.waitFor(() => expect([killed, successor].filter(({ dir }) => existsSync(dir))).toEqual([]));
});
