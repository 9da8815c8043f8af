import { describe, it } from "vitest";
import { faultCases, faultInterleaving } from "./fault-case.ts";
import { runCase } from "./run-case.ts";
import { interleaving, type ServiceCase, serviceCases } from "./service-case.ts";
import type { FaultTrial, MakeTrial, ServiceTrial } from "./service-trial.ts";

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
  describeCases(`${name} as a service`, makeTrial, [...serviceCases, ...seeded(interleaving, options)], options);
}

/** Holds a service to the contract of `Service` while what it needs comes and goes. */
export function describeServiceFaults(
  name: string,
  makeTrial: MakeTrial<FaultTrial>,
  options: ServiceContractOptions = {},
): void {
  const cases = [...faultCases, ...seeded(faultInterleaving, options)];
  describeCases(`${name} as a service whose needs come and go`, makeTrial, cases, options);
}

function seeded<T extends ServiceTrial>(
  makeCase: (seed: number, calls: number) => ServiceCase<T>,
  { rounds = 5, calls = 30, seed = 1 }: ServiceContractOptions,
): readonly ServiceCase<T>[] {
  return Array.from({ length: rounds }, (_, round) => makeCase(seed + round, calls));
}

function describeCases<T extends ServiceTrial>(
  name: string,
  makeTrial: MakeTrial<T>,
  cases: readonly ServiceCase<T>[],
  { timeoutMs = 30_000 }: ServiceContractOptions,
): void {
  describe(name, () => {
    for (const serviceCase of cases) {
      it(serviceCase.title, { timeout: timeoutMs }, async () => {
        await runCase(serviceCase, makeTrial);
      });
    }
  });
}
