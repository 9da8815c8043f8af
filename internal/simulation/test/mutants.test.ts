import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { simulate } from "../src/simulate.ts";
import { loadMutant, type StoreParts } from "./load-mutant.ts";
import { mutants } from "./mutants.ts";

/** Within so many seeds each missing guard must show. */
const mostSeeds = 400;

/** A seed takes up to a second on a machine that is busy. */
const patienceMs = 300_000;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-simulation-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the simulation", () => {
  it.for(mutants)("[SIM-3] finds what is wrong: $title", { timeout: patienceMs }, async (mutant, { annotate }) => {
    const parts = await loadMutant(mutant, join(folder, String(mutants.indexOf(mutant))));
    const { seed, text } = await firstViolation(parts, mostSeeds);
    await annotate(`found by seed ${seed}: ${text}`);
    expect(seed).toBeLessThan(mostSeeds);
  });

  it("[SIM-3] finds nothing in a copy in which nothing was changed", { timeout: patienceMs }, async () => {
    const same = { title: "", file: "in-memory/claim.ts", find: "record.dueAt > now", replace: "record.dueAt > now" };
    const parts = await loadMutant(same, join(folder, "same"));
    expect(await firstViolation(parts, 8)).toEqual({ seed: 8, text: "nothing" });
  });
});

/** The first seed that shows a violation, and which; `seeds` when none of so many does. */
async function firstViolation(parts: StoreParts, seeds: number): Promise<{ seed: number; text: string }> {
  for (let seed = 0; seed < seeds; seed++) {
    const [violation] = (await simulate(seed, parts)).violations;
    if (violation !== undefined) return { seed, text: violation.text };
  }
  return { seed: seeds, text: "nothing" };
}
