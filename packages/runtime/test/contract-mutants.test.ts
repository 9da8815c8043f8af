import { describe, expect, it } from "vitest";
import { contractCases, verifyCase } from "../src/contract/contract-cases.ts";
import type { RuntimeHarness } from "../src/contract.ts";
import { inlineAbilities, openInlineHarness } from "./inline-harness.ts";
import { inlineMutants } from "./inline-mutants.ts";

/** The title of the first case that `open`'s runtime does not keep. */
async function firstFault(open: () => RuntimeHarness): Promise<string | undefined> {
  for (const contractCase of contractCases(inlineAbilities)) {
    try {
      await verifyCase(contractCase, open, { abilities: inlineAbilities, limitMs: 250 });
    } catch {
      return contractCase.title;
    }
  }
  return undefined;
}

describe("the contract of Runtime", () => {
  it.each(Object.keys(inlineMutants))("finds an InlineRuntime that %s [RUN-10]", async (name) => {
    const Mutant = inlineMutants[name];
    if (Mutant === undefined) throw new Error(`There is no mutant named ${name}`);
    expect(await firstFault(() => openInlineHarness((handlers) => new Mutant(handlers)))).toBeDefined();
  });
});
