import { inject, it, vi } from "vitest";
import { compareStores } from "./compare-stores.ts";

vi.mock("../src/scripts.generated.ts", async (importOriginal) => {
  const { withTestClock } = await import("./test-clock.ts");
  return withTestClock(await importOriginal());
});

it("[REDIS-1] answers like the store in memory, whatever is done, and keeps its indexes true to its records", {
  timeout: 1_800_000,
}, async () => {
  const sequences = Number(process.env["MAYFLY_MODEL_SEQUENCES"] ?? 200);
  await compareStores({ url: inject("redisUrl"), sequences, shards: [1, 4] });
});
