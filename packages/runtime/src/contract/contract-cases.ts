import { endCases } from "./end-cases.ts";
import { recoveryCases } from "./recovery-cases.ts";
import type { RuntimeAbility, RuntimeHarness } from "./runtime-harness.ts";
import { startCases } from "./start-cases.ts";
import { stopCases } from "./stop-cases.ts";
import { type ContractCase, Trial } from "./trial.ts";

/** The cases that apply to a runtime that offers `abilities`. */
export function contractCases(abilities: readonly RuntimeAbility[]): readonly ContractCase[] {
  const all = [...startCases, ...endCases, ...stopCases, ...recoveryCases];
  return all.filter(
    ({ needs, without = [] }) =>
      needs.every((ability) => abilities.includes(ability)) && !without.some((ability) => abilities.includes(ability)),
  );
}

/** Verifies one case on a harness of its own; rejects when the runtime does not keep it. */
export async function verifyCase(
  contractCase: ContractCase,
  open: () => Promise<RuntimeHarness> | RuntimeHarness,
  options: { readonly abilities: readonly RuntimeAbility[]; readonly limitMs: number },
): Promise<void> {
  const harness = await open();
  try {
    await contractCase.verify(new Trial(harness, new Set(options.abilities), options.limitMs));
  } finally {
    await harness.close();
  }
}
