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

/** How the suite goes about its cases. */
export interface StoreContractOptions {
  /**
   * Whether some cases are verified at the same time: where time really passes, a case does little but wait. The stores that
   * `open` gives may then share a server, but no data. @defaultValue false
   */
  readonly isConcurrent?: boolean;
}

/**
 * Describes the contract suite for the store `name`.
 *
 * @param open - opens a harness with an empty store for each case; the suite closes it
 */
export function describeStoreContract(
  name: string,
  open: () => Promise<StoreHarness> | StoreHarness,
  { isConcurrent = false }: StoreContractOptions = {},
): void {
  describe(`${name} keeps the contract of TaskStore:`, { concurrent: isConcurrent }, () => {
    for (const [area, cases] of Object.entries(contractCases)) {
      describe(area, () => {
        for (const contractCase of cases) it(contractCase.title, () => verifyCase(contractCase, open));
      });
    }
  });
}
