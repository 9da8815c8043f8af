import type { Trial } from "./trial.ts";

/** One thing that every store keeps. */
export interface ContractCase {
  /** Completes a sentence about the store; starts with the ids of the requirements that it verifies. */
  readonly title: string;
  /** Rejects when the store does not keep it. */
  verify(trial: Trial): Promise<void>;
}
