import { describe, expect, it } from "vitest";
import { findingCases } from "./finding-cases.ts";
import { mutants } from "./mutants.ts";

const findingCase = findingCases();

describe("the contract", () => {
  it.each(mutants)("[STORE-39] fails a store that $title", async (mutant) => {
    expect(await findingCase(mutant)).toBeDefined();
  });

  it("[STORE-39] passes a copy in which nothing was changed", async () => {
    const find = "class InMemoryStore";
    const same = { title: "does all as it should", file: "in-memory-store.ts", find, replace: find };
    expect(await findingCase(same)).toBeUndefined();
  });
});
