import { startRedisCluster } from "@mayfly/test-services";
import { it, vi } from "vitest";
import { compareStores, sequences } from "../compare-stores.ts";

vi.mock("../../src/scripts.generated.ts", async (importOriginal) => {
  const { withTestClock } = await import("../test-clock.ts");
  return withTestClock(await importOriginal());
});

it("[REDIS-1] answers like the store in memory on a Redis Cluster, whatever is done", {
  timeout: 1_800_000,
}, async () => {
  await using cluster = await startRedisCluster();
  // A quarter of those on a single node: what differs is where the keys are.
  await compareStores({ url: cluster.url, count: Math.ceil(sequences / 4), shards: [4, 16] });
});
