import { readFile } from "node:fs/promises";
import { describeRuntimeContract } from "@mayfly/runtime/contract";
import { clusterAbilities, openClusterHarness } from "./cluster-harness.ts";
import { kubernetesAbilities, openKubernetesHarness } from "./kubernetes-harness.ts";

describeRuntimeContract("KubernetesRuntime", () => openKubernetesHarness(), kubernetesAbilities);

const { KUBECONFIG: file, MAYFLY_TEST_IMAGE: image = "busybox:stable" } = process.env;

if (file !== undefined)
  describeRuntimeContract(
    "KubernetesRuntime on the cluster of KUBECONFIG",
    async () => {
      const deployment = `test-${Math.random().toString(36).slice(2)}`;
      return openClusterHarness({ kubeConfig: await readFile(file, "utf8"), image, deployment });
    },
    clusterAbilities,
  );
