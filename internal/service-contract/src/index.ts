/**
 * The start and stop contract that every Mayfly service keeps, as a test suite.
 *
 * ```ts
 * describeServiceContract("Sweeper", () => ({ service: new Sweeper({ store, queue }) }));
 * ```
 *
 * @packageDocumentation
 */
export { describeServiceContract, type ServiceContractOptions } from "./describe-service-contract.ts";
export { type MakeTrial, type ServiceTrial } from "./service-trial.ts";
