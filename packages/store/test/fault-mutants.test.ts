import { describe, expect, it } from "vitest";
import { faultMutants } from "./fault-mutants.ts";
import { findingCases } from "./finding-cases.ts";

const findingCase = findingCases();

describe("the contract", () => {
  it.each(faultMutants)("[STORE-39] fails a store that $title", async (mutant) => {
    expect(await findingCase(mutant)).toBeDefined();
  });
});
