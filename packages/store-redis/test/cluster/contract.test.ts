import { describeStoreContract } from "@mayfly/store/contract";
import { type RedisCluster, startRedisCluster } from "@mayfly/test-services";
import { afterAll, beforeAll } from "vitest";
import { openRedisHarness } from "../redis-harness.ts";

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.close());

describeStoreContract("RedisStore on a Redis Cluster", () => openRedisHarness({ url: cluster.url }), {
  isConcurrent: true,
});
