/**
 * What every store keeps, as a suite for vitest.
 *
 * ```ts
 * describeStoreContract("MyStore", () => openMyHarness());
 * ```
 *
 * @packageDocumentation
 */
import { describe, it } from "vitest";
import { contractCases, verifyCase } from "./contract/contract-cases.ts";
import type { StoreHarness } from "./contract/store-harness.ts";

export type { StoreHarness } from "./contract/store-harness.ts";

/**
 * Describes the contract suite for the store `name`.
 *
 * @param open - opens a harness with an empty store for each case; the suite closes it
 */
export function describeStoreContract(name: string, open: () => Promise<StoreHarness> | StoreHarness): void {
  describe(`${name} keeps the contract of TaskStore:`, () => {
    for (const [area, cases] of Object.entries(contractCases)) {
      describe(area, () => {
        for (const contractCase of cases) it(contractCase.title, () => verifyCase(contractCase, open));
      });
    }
  });
}
