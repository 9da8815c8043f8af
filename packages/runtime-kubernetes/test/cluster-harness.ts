import { BatchV1Api, CoreV1Api, KubeConfig, type V1Pod, Watch } from "@kubernetes/client-node";
import type { RuntimeAbility, RuntimeHarness } from "@mayfly/runtime/contract";
import type { JsonValue, Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { vi } from "vitest";
import {
  type KubernetesHandle,
  KubernetesRuntime,
  type KubernetesRuntimeOptions,
  type KubernetesSpecInput,
} from "../src/index.ts";
import { patientClock } from "./patient-clock.ts";

/** What a KubernetesRuntime can do on any cluster. */
export const clusterAbilities: readonly RuntimeAbility[] = [
  "refuse",
  "adopt",
  "leavesNothing",
  "stubborn",
  "force",
  "ignoresSignal",
  "deadline",
  "bigOutput",
  "recover",
  "health",
];

const shell = (script: string): string[] => ["sh", "-c", script];

/** Work for tests, for any image that has a shell. */
const testCommands: Record<string, string[]> = {
  complete: ["true"],
  fail: shell("exit 3"),
  slow: shell("trap 'sleep 0.2; exit 143' TERM; sleep 3600 & wait"),
  stubborn: shell("trap '' TERM; while :; do sleep 3600; done"),
  loud: shell(`yes ${"mayfly ".repeat(1_000)} | head -c 8388608`),
};

/** Which cluster, and what is run there. */
export interface TestCluster {
  /** The text of a kubeconfig that may look at everything in its namespace. */
  readonly kubeConfig: string;
  /** The text of one with the rights of the runtime. @defaultValue the other */
  readonly runtimeKubeConfig?: string;
  readonly image: string;
  readonly commands?: Record<string, string[]> | undefined;
  readonly deployment: string;
}

/** A harness around runtimes on a cluster. */
export interface ClusterHarness extends RuntimeHarness {
  readonly runtime: KubernetesRuntime;
  task(command: string, attributes?: Record<string, JsonValue>): Task;
  connect(options?: KubernetesRuntimeOptions, spec?: KubernetesSpecInput): Promise<KubernetesRuntime>;
}

/** How long a cluster may take for what it does by itself, in milliseconds. */
const patience = { timeout: 60_000, interval: 20 };

/** Opens a harness that looks at the cluster with the official client. */
export async function openClusterHarness(cluster: TestCluster): Promise<ClusterHarness> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(cluster.kubeConfig);
  const namespace = kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.namespace ?? "default";
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const batch = kubeConfig.makeApiClient(BatchV1Api);
  const labelSelector = `mayfly.deployment=${cluster.deployment}`;
  const runtimes: KubernetesRuntime[] = [];
  const connect = async (options: KubernetesRuntimeOptions = {}, spec = testSpec(cluster)) => {
    const text = cluster.runtimeKubeConfig ?? cluster.kubeConfig;
    const runtime = await KubernetesRuntime.connect(spec, { kubeConfig: { text }, clock: patientClock, ...options });
    runtimes.push(runtime);
    return runtime;
  };
  const task = (command: string, attributes: Record<string, JsonValue> = {}): Task =>
    aTask({ attributes: { image: "test", command, ...attributes } });
  const begun = await watchBegun(kubeConfig, namespace, labelSelector);
  const podsOf = async (selector: string): Promise<readonly V1Pod[]> =>
    (await core.listNamespacedPod({ namespace, labelSelector: selector })).items;

  return {
    runtime: await connect(),
    task,
    connect,
    tasks: {
      complete: () => task("complete"),
      fail: () => task("fail"),
      slow: () => task("slow"),
      refused: () => task("constructor"),
      brokenStart: () => task("complete", { image: "missing" }),
      stubborn: () => task("stubborn"),
      loud: () => task("loud"),
    },
    async isRunning(handle) {
      const pods = await podsOf(`batch.kubernetes.io/controller-uid=${(handle as KubernetesHandle).uid}`);
      return pods.some((pod) => pod.status?.containerStatuses?.[0]?.state?.running !== undefined);
    },
    timesBegun: async ({ id }) => begun.podsOf(id),
    async remains({ id }, run) {
      const { items } = await batch.listNamespacedJob({ namespace, labelSelector: `mayfly.task=${id}` });
      if (items.some(({ metadata }) => metadata?.name === `task-${id}-${run}`)) return true;
      // The cluster removes the pod of a Job that is gone by itself, soon after.
      const isFree = async (): Promise<boolean> => (await podsOf(`mayfly.task=${id}`)).length === 0;
      await vi.waitUntil(isFree, patience);
      return false;
    },
    restart: () => connect(),
    async close() {
      begun.close();
      for (const runtime of runtimes) runtime.close();
      await batch.deleteCollectionNamespacedJob({ namespace, labelSelector, propagationPolicy: "Background" });
    },
  };
}

/** A spec with the image of the tests under the name `test`, and some that cannot run. */
export function testSpec({
  deployment,
  image,
  commands = testCommands,
}: Pick<TestCluster, "commands" | "deployment" | "image">): KubernetesSpecInput {
  const limits = { memoryMiB: 32, cpus: 0.1, tmpMiB: 4 };
  return {
    deployment,
    images: {
      test: { image, commands, ...limits },
      missing: { image: "registry.invalid:5000/missing:1", commands, ...limits },
      unnamed: { image: "test.example/Tools:1", commands, ...limits },
      huge: { image, commands, ...limits, memoryMiB: 1_048_576 },
    },
  };
}

/** Counts the pods of each task whose container has begun, also of those that are gone. */
async function watchBegun(
  kubeConfig: KubeConfig,
  namespace: string,
  labelSelector: string,
): Promise<{ podsOf(taskId: string): number; close(): void }> {
  const begun = new Map<string, Set<string>>();
  const take = (_type: string, { metadata, status }: V1Pod): void => {
    const state = status?.containerStatuses?.[0]?.state;
    if (state?.running === undefined && state?.terminated === undefined) return;
    const id = metadata?.labels?.["mayfly.task"] ?? "";
    begun.set(id, (begun.get(id) ?? new Set()).add(metadata?.uid ?? ""));
  };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const watch = await new Watch(kubeConfig).watch(path, { labelSelector }, take, () => undefined);
  return { podsOf: (taskId) => begun.get(taskId)?.size ?? 0, close: () => watch.abort() };
}
