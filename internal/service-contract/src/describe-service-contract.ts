import { describe, it } from "vitest";
import { runCase } from "./run-case.ts";
import { interleaving, serviceCases } from "./service-case.ts";
import type { MakeTrial } from "./service-trial.ts";

/** How long to try. */
export interface ServiceContractOptions {
  /** How many random interleavings. @defaultValue 5 */
  readonly rounds?: number;
  /** How many calls in each. @defaultValue 30 */
  readonly calls?: number;
  /** The first seed; put in the seed of a failure to run it again. @defaultValue 1 */
  readonly seed?: number;
  /** The time limit of each case. @defaultValue 30000 */
  readonly timeoutMs?: number;
}

/** Holds a service to the contract of `Service`: what `start`, `stop` and disposal do in every order. */
export function describeServiceContract(
  name: string,
  makeTrial: MakeTrial,
  options: ServiceContractOptions = {},
): void {
  const { rounds = 5, calls = 30, seed = 1, timeoutMs = 30_000 } = options;
  const interleavings = Array.from({ length: rounds }, (_, round) => interleaving(seed + round, calls));
  describe(`${name} as a service`, () => {
    for (const serviceCase of [...serviceCases, ...interleavings]) {
      it(serviceCase.title, { timeout: timeoutMs }, async () => {
        await runCase(serviceCase, makeTrial);
      });
    }
  });
}
