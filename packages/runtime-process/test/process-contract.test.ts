import { describeRuntimeContract } from "@mayfly/runtime/contract";
import { openProcessHarness, processAbilities } from "./process-harness.ts";

describeRuntimeContract("ProcessRuntime", () => openProcessHarness(), processAbilities);
