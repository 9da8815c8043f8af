import { describeRuntimeContract } from "../src/contract.ts";
import { inlineAbilities, openInlineHarness } from "./inline-harness.ts";

describeRuntimeContract("InlineRuntime", () => openInlineHarness(), inlineAbilities);
