import { consumeCases } from "./consume-cases.ts";
import type { ContractCase } from "./contract-case.ts";
import { deadLetterCases } from "./dead-letter-cases.ts";
import { declareCases } from "./declare-cases.ts";
import { endCases } from "./end-cases.ts";
import { holdCases } from "./hold-cases.ts";
import { publishCases } from "./publish-cases.ts";
import type { QueueHarness } from "./queue-harness.ts";
import { Trial } from "./trial.ts";

/** All that a queue keeps, by area. */
export const contractCases: Readonly<Record<string, readonly ContractCase[]>> = {
  "a queue": declareCases,
  publishing: publishCases,
  consuming: consumeCases,
  ending: endCases,
  holding: holdCases,
  "dead letters": deadLetterCases,
};

/** Verifies one case on a queue of its own; rejects when the queue does not keep it. */
export async function verifyCase(
  contractCase: ContractCase,
  open: () => Promise<QueueHarness> | QueueHarness,
): Promise<void> {
  const harness = await open();
  try {
    await contractCase.verify(new Trial(harness));
  } finally {
    await harness.close();
  }
}
