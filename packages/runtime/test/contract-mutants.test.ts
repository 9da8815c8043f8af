import { describe, expect, it } from "vitest";
import { contractCases, verifyCase } from "../src/contract/contract-cases.ts";
import type { RuntimeAbility, RuntimeHarness } from "../src/contract.ts";
import { inlineAbilities, openInlineHarness } from "./inline-harness.ts";
import { inlineMutants } from "./inline-mutants.ts";
import { openRemoteHarness, remoteAbilities } from "./remote-harness.ts";
import { remoteMutants } from "./remote-mutants.ts";

/** The title of the first case that `open`'s runtime does not keep. */
async function firstFault(
  open: () => RuntimeHarness,
  abilities: readonly RuntimeAbility[],
): Promise<string | undefined> {
  const isSlow = (each: { readonly needs: readonly RuntimeAbility[] }): boolean => each.needs.includes("deadline");
  const cases = contractCases(abilities);
  for (const contractCase of [...cases.filter((each) => !isSlow(each)), ...cases.filter(isSlow)]) {
    try {
      // Enough for the case that waits for a deadline a second ahead, little enough for those that hang.
      await verifyCase(contractCase, open, {
        abilities,
        limitMs: isSlow(contractCase) ? 2_000 : 250,
      });
    } catch {
      return contractCase.title;
    }
  }
  return undefined;
}

describe("the contract of Runtime [RUN-10]", () => {
  it.each(Object.entries(inlineMutants))("finds an InlineRuntime that %s", async (_name, Mutant) => {
    const open = (): RuntimeHarness => openInlineHarness((handlers) => new Mutant(handlers));
    expect(await firstFault(open, inlineAbilities)).toBeDefined();
  });

  it.each(Object.entries(remoteMutants))("finds a runtime with every ability that %s", async (_name, Mutant) => {
    const open = (): RuntimeHarness => openRemoteHarness((environment) => new Mutant(environment));
    expect(await firstFault(open, remoteAbilities)).toBeDefined();
  });

  it("finds an ability that is said to be offered and is not shown, and one that is shown and not said", async () => {
    const fault = "shows exactly the abilities";
    const cases = contractCases([]).filter(({ title }) => title.includes(fault));
    expect(cases).toHaveLength(1);
    const wrong: readonly (readonly RuntimeAbility[])[] = [
      [...inlineAbilities, "bigOutput"],
      inlineAbilities.filter((ability) => ability !== "reject"),
      [...inlineAbilities.filter((ability) => ability !== "stubborn"), "force"],
    ];
    for (const abilities of wrong)
      for (const each of cases)
        await expect(verifyCase(each, openInlineHarness, { abilities, limitMs: 250 })).rejects.toThrow(
          "to deeply equal",
        );
  });
});
