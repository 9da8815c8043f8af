import { describeRuntimeContract } from "../src/contract.ts";
import { openRemoteHarness, remoteAbilities } from "./remote-harness.ts";

describeRuntimeContract("A runtime with every ability", () => openRemoteHarness(), remoteAbilities);
