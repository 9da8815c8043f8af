import type { RuntimeAbility } from "@mayfly/runtime/contract";
import { type KubernetesOptions, type KubernetesServer, startKubernetes } from "@mayfly/test-services/kubernetes";
import type { KubernetesHandle, KubernetesSpecInput } from "../src/index.ts";
import { clusterAbilities, type ClusterHarness, openClusterHarness, testSpec } from "./cluster-harness.ts";
import { manifestRules } from "./manifest-rules.ts";

/** What a KubernetesRuntime can do on the double. */
export const kubernetesAbilities: readonly RuntimeAbility[] = [...clusterAbilities, "keepsWithoutLogs"];

/** The double has every image: it runs the programs of this host. */
const double = { image: "test.example/tools:1", deployment: "test" };

/** A spec for the double. */
export function doubleSpec(commands?: Record<string, string[]>): KubernetesSpecInput {
  return testSpec({ ...double, commands });
}

/** A harness around runtimes on a Kubernetes of its own, in this process. */
export interface KubernetesHarness extends ClusterHarness {
  readonly cluster: KubernetesServer;
}

/** Opens a harness; `cluster` says how its Kubernetes is. Its runtimes have the rights of the manifests. */
export async function openKubernetesHarness(
  options: { readonly commands?: Record<string, string[]>; readonly cluster?: KubernetesOptions } = {},
): Promise<KubernetesHarness> {
  const cluster = await startKubernetes(options.cluster);
  const harness = await openClusterHarness({
    kubeConfig: cluster.kubeConfig,
    runtimeKubeConfig: cluster.serviceAccount("scheduler", await manifestRules()),
    commands: options.commands,
    ...double,
  });
  return {
    ...harness,
    cluster,
    // Stricter than the cluster's own word: also when the pod is gone.
    isRunning: async (handle) => cluster.isRunning((handle as KubernetesHandle).name),
    loseLogs: async () => cluster.breakLogs(),
    async close() {
      try {
        await harness.close();
      } finally {
        await cluster.close();
      }
    },
  };
}
