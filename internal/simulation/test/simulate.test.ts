import { describe, expect, it } from "vitest";
import { simulate } from "../src/simulate.ts";

/** A seed takes up to a second on a machine that is busy. */
const patienceMs = 120_000;

/** The last of them has a wipe of the store. */
const seeds = [1_000_000, 1_000_001, 1_000_007] as const;

describe("a simulation", () => {
  it("[SIM-1] gives the same trace for the same seed, and another for another", { timeout: patienceMs }, async () => {
    const first = await simulate(seeds[2]);
    const again = await simulate(seeds[2]);
    expect(again.lines()).toEqual(first.lines());
    expect(again.fingerprint).toBe(first.fingerprint);
    expect((await simulate(seeds[0])).fingerprint).not.toBe(first.fingerprint);
  });

  it.each(seeds)(
    "[SIM-2] has at least 200 operations and 10 faults: seed %i",
    { timeout: patienceMs },
    async (seed) => {
      const { operations, faults, isWiped, violations } = await simulate(seed);
      expect(violations).toEqual([]);
      expect(operations).toBeGreaterThanOrEqual(200);
      expect([...faults.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(10);
      expect(faults.has("store_wiped")).toBe(isWiped);
    },
  );

  it("[SIM-1] leaves the chance of others alone", { timeout: patienceMs }, async () => {
    const { random } = Math;
    await simulate(seeds[0]);
    expect(Math.random).toBe(random);
  });
});
