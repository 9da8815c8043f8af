import { describe, expect, it } from "vitest";
import { findingCases } from "./finding-cases.ts";
import { logMutants } from "./log-mutants.ts";

const findingCase = findingCases();

describe("the contract", () => {
  it.each(logMutants)("[STORE-39] fails a store that $title", async (mutant) => {
    expect(await findingCase(mutant)).toBeDefined();
  });
});
