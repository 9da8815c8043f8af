/**
 * What every runtime keeps, as a suite for vitest: extend `Runtime`, and prove it.
 *
 * ```ts
 * describeRuntimeContract("MyRuntime", () => openMyHarness(), ["returns", "refuse"]);
 * ```
 *
 * @packageDocumentation
 */
import { describe, it } from "vitest";
import { contractCases, verifyCase } from "./contract/contract-cases.ts";
import type { RuntimeAbility, RuntimeHarness } from "./contract/runtime-harness.ts";

export type { RuntimeAbility, RuntimeHarness, RuntimeTasks } from "./contract/runtime-harness.ts";

/** How long anything in the suite may take, in milliseconds: an environment that must fetch or boot takes its time. */
const limitMs = 30_000;

/**
 * Describes the contract suite for the runtime `name`.
 *
 * @param open - opens a harness for each case; the suite closes it
 * @param abilities - what the runtime offers beyond what every runtime must; the cases of other abilities do not apply
 */
export function describeRuntimeContract(
  name: string,
  open: () => Promise<RuntimeHarness> | RuntimeHarness,
  abilities: readonly RuntimeAbility[] = [],
): void {
  describe(`${name} keeps the contract of Runtime: it`, () => {
    for (const contractCase of contractCases(abilities)) {
      it(contractCase.title, { timeout: 4 * limitMs }, () => verifyCase(contractCase, open, { abilities, limitMs }));
    }
  });
}
