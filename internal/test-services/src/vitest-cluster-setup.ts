import type { TestProject } from "vitest/node";
import { ensureServices } from "./ensure-services.ts";
import { startRabbitCluster } from "./rabbit-cluster.ts";
import { startRedisCluster } from "./redis-cluster.ts";

/** Starts a Redis Cluster and a RabbitMQ cluster, of three nodes each, for all test files of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureServices((line) => project.vitest.logger.log(line));
  const [redis, rabbit] = await Promise.all([startRedisCluster(), startRabbitCluster()]);
  project.provide("redisUrl", redis.url);
  project.provide("rabbit", rabbit.access);
  return async () => {
    await Promise.all([redis.close(), rabbit.close()]);
  };
}
