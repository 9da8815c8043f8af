import { expect, it } from "vitest";
import * as contract from "../src/contract.ts";
import * as root from "../src/index.ts";

it("exports what is agreed", () => {
  expect(Object.keys(root).sort()).toEqual([
    "InlineRuntime",
    "Runtime",
    "RuntimeError",
    "StopReason",
    "isCheckable",
    "isRecoverable",
  ]);
  expect(Object.keys(contract).sort()).toEqual(["describeRuntimeContract"]);
});
