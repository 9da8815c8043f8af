import fc from "fast-check";
import { inject, it, vi } from "vitest";
import { withRedis } from "./redis-harness.ts";
import { stepsOf } from "./steps.ts";
import { TwoStores } from "./two-stores.ts";

vi.mock("../src/scripts.generated.ts", async (importOriginal) => {
  const { withTestClock } = await import("./test-clock.ts");
  return withTestClock(await importOriginal());
});

const ids = [1, 2].map((number) => `${number}0000000-0000-4000-8000-000000000000`);

/** How many sequences, and of how many steps at most: takes some 20 s. */
const sequences = 200;
const longest = 60;

it("[REDIS-1] answers like the store in memory, whatever is done, and keeps its indexes true to its records", {
  timeout: 300_000,
}, async () => {
  const url = inject("redisUrl");
  await withRedis(url, async (redis) => {
    const property = fc.asyncProperty(stepsOf(ids, longest), fc.constantFrom(1, 4), async (steps, shards) => {
      const stores = new TwoStores({ redis, url, shards, ids });
      await stores.open();
      try {
        for (const step of steps) await stores.take(step);
        await stores.compareEvents();
      } finally {
        await stores.close();
      }
    });
    await fc.assert(property, { numRuns: sequences });
  });
});
