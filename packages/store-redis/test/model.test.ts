import { inject, it, vi } from "vitest";
import { compareStores, sequences } from "./compare-stores.ts";

vi.mock("../src/scripts.generated.ts", async (importOriginal) => {
  const { withTestClock } = await import("./test-clock.ts");
  return withTestClock(await importOriginal());
});

it("[REDIS-1] answers like the store in memory, whatever is done, and keeps its indexes true to its records", {
  timeout: 1_800_000,
}, async () => {
  await compareStores({ url: inject("redisUrl"), count: sequences, shards: [1, 4] });
});
