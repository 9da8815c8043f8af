import { describeRuntimeContract } from "@mayfly/runtime/contract";
import { kubernetesAbilities, openKubernetesHarness } from "./kubernetes-harness.ts";

describeRuntimeContract("KubernetesRuntime", () => openKubernetesHarness(), kubernetesAbilities);
