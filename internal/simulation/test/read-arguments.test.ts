import { describe, expect, it } from "vitest";
import { failureLines } from "../src/failure-lines.ts";
import { readArguments } from "../src/read-arguments.ts";

describe("the command of the simulation", () => {
  it.each([
    { given: [], seed: 0, seeds: 1_000 },
    { given: ["--seed", "7"], seed: 7, seeds: 1 },
    { given: ["--seed", "7", "--seeds", "20"], seed: 7, seeds: 20 },
  ])("[SIM-6] runs the seeds that are asked for: $given", ({ given, seed, seeds }) => {
    expect(readArguments(given)).toEqual({ seed, seeds, isVerbose: false });
  });

  it.each([
    ["--seed", "-1"],
    ["--seed", "one"],
    ["--seeds", "0"],
    ["--sead", "1"],
  ])("[SIM-6] explains itself when it is asked for something else: %s %s", (...given) =>
    expect(readArguments(given)).toContain("Usage: npm run simulate"),
  );

  it("[SIM-6] shows what is wrong, the trace of the task, and how to see it again", () => {
    const lines = failureLines({
      seed: 12,
      isWiped: false,
      violations: [{ text: "is lost", id: "an-id", atMs: 0 }],
      explain: ({ id }) => Array.from({ length: 100 }, (_, index) => `line ${index} of ${id}`),
    });
    expect(lines).toContain("  violation: an-id is lost");
    expect(lines).toContain("  line 99 of an-id");
    expect(lines.length).toBeLessThan(90);
    expect(lines.at(-1)).toBe("Again, with all of it: npm run simulate -- --seed 12 --verbose");
  });
});
