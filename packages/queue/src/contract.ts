/**
 * What every queue keeps, as a suite for vitest.
 *
 * ```ts
 * describeQueueContract("MyQueue", () => openMyHarness());
 * ```
 *
 * @packageDocumentation
 */
import { describe, it } from "vitest";
import { contractCases, verifyCase } from "./contract/contract-cases.ts";
import type { QueueHarness } from "./contract/queue-harness.ts";

export type { QueueHarness } from "./contract/queue-harness.ts";

/** A thousand messages, one after the other, take long on a busy machine. */
const timeoutMs = 180_000;

/**
 * Describes the contract suite for the queue `name`.
 *
 * @param open - opens a harness for each case; the suite closes it
 */
export function describeQueueContract(name: string, open: () => Promise<QueueHarness> | QueueHarness): void {
  describe(`${name} keeps the contract of TaskQueue:`, () => {
    for (const [area, cases] of Object.entries(contractCases)) {
      describe(area, () => {
        for (const contractCase of cases) {
          it(contractCase.title, { timeout: timeoutMs }, () => verifyCase(contractCase, open));
        }
      });
    }
  });
}
