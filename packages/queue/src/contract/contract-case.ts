import type { Trial } from "./trial.ts";

/** One thing that every queue keeps. */
export interface ContractCase {
  /** Completes a sentence about the queue; starts with the ids of the requirements that it verifies. */
  readonly title: string;
  /** Rejects when the queue does not keep it. */
  verify(trial: Trial): Promise<void>;
}
