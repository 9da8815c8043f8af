import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { simulate } from "../src/simulate.ts";
import { loadMutant } from "./load-mutant.ts";
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
  it.each(mutants)("[SIM-3] finds a store that $title", { timeout: patienceMs }, async (mutant) => {
    const Store = await loadMutant(mutant, join(folder, String(mutants.indexOf(mutant))));
    let seed = 0;
    while (seed < mostSeeds && (await simulate(seed, { Store })).violations.length === 0) seed++;
    expect(seed).toBeLessThan(mostSeeds);
  });
});
