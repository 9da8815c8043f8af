/**
 * The start and stop contract that every Mayfly service keeps, as a test suite.
 *
 * ```ts
 * describeServiceContract("Sweeper", () => ({ service: new Sweeper({ store, queue }) }));
 * ```
 *
 * @packageDocumentation
 */
export {
  describeServiceContract,
  describeServiceFaults,
  type ServiceContractOptions,
} from "./describe-service-contract.ts";
export { TakenPort } from "./taken-port.ts";
export { type FaultTrial, type MakeTrial, type ServiceTrial } from "./service-trial.ts";
