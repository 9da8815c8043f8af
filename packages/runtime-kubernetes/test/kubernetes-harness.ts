import type { RuntimeAbility, RuntimeHarness } from "@mayfly/runtime/contract";
import type { JsonValue, Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { type KubernetesOptions, type KubernetesServer, startKubernetes } from "@mayfly/test-services/kubernetes";
import { manifestRules } from "./manifest-rules.ts";
import {
  type KubernetesHandle,
  KubernetesRuntime,
  type KubernetesRuntimeOptions,
  type KubernetesSpecInput,
} from "../src/index.ts";

/** What a KubernetesRuntime can do on the double. */
export const kubernetesAbilities: readonly RuntimeAbility[] = [
  "refuse",
  "adopt",
  "leavesNothing",
  "stubborn",
  "force",
  "ignoresSignal",
  "deadline",
  "bigOutput",
  "keepsWithoutLogs",
  "recover",
  "health",
];

const shell = (script: string): string[] => ["sh", "-c", script];

/** Work for tests. */
const testCommands = {
  complete: ["true"],
  fail: shell("exit 3"),
  slow: shell("trap 'sleep 0.2; exit 143' TERM; sleep 3600 & wait"),
  stubborn: shell("trap '' TERM; while :; do sleep 3600; done"),
  loud: shell(`yes ${"mayfly ".repeat(1_000)} | head -c 8388608`),
};

/** A spec with images for each way to fail. */
export function testSpec(commands: Record<string, string[]> = testCommands): KubernetesSpecInput {
  const limits = { memoryMiB: 32, cpus: 0.1, tmpMiB: 4 };
  return {
    images: {
      test: { image: "test.example/tools:1", commands, ...limits },
      missing: { image: "registry.invalid:5000/missing:1", commands, ...limits },
      unnamed: { image: "test.example/Tools:1", commands, ...limits },
      huge: { image: "test.example/tools:1", commands, ...limits, memoryMiB: 1_048_576 },
    },
  };
}

/** A harness around runtimes on a Kubernetes of its own. */
export interface KubernetesHarness extends RuntimeHarness {
  readonly runtime: KubernetesRuntime;
  readonly cluster: KubernetesServer;
  task(command: string, attributes?: Record<string, JsonValue>): Task;
  connect(options?: KubernetesRuntimeOptions, spec?: KubernetesSpecInput): Promise<KubernetesRuntime>;
}

/** Opens a harness; `cluster` says how its Kubernetes is. Its runtimes have the rights of the manifests. */
export async function openKubernetesHarness(
  options: { readonly commands?: Record<string, string[]>; readonly cluster?: KubernetesOptions } = {},
): Promise<KubernetesHarness> {
  const cluster = await startKubernetes({ rules: await manifestRules(), ...options.cluster });
  const runtimes: KubernetesRuntime[] = [];
  const connect = async (more: KubernetesRuntimeOptions = {}, spec = testSpec(options.commands)) => {
    const runtime = await KubernetesRuntime.connect(spec, { kubeConfig: { text: cluster.kubeConfig }, ...more });
    runtimes.push(runtime);
    return runtime;
  };
  const task = (command: string, attributes: Record<string, JsonValue> = {}): Task =>
    aTask({ attributes: { image: "test", command, ...attributes } });
  /** By the id of the task: the uids of the pods whose container has begun. */
  const begun = new Map<string, Set<string>>();
  const unsubscribe = cluster.onChange(() => {
    for (const { metadata, status } of cluster.pods()) {
      const state = status?.containerStatuses?.[0]?.state;
      if (state?.running === undefined && state?.terminated === undefined) continue;
      const id = metadata.labels?.["mayfly.task"] ?? "";
      begun.set(id, (begun.get(id) ?? new Set()).add(metadata.uid));
    }
  });

  return {
    runtime: await connect(),
    cluster,
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
    isRunning: async (handle) => cluster.isRunning((handle as KubernetesHandle).name),
    timesBegun: async ({ id }) => begun.get(id)?.size ?? 0,
    async remains({ id }, run) {
      if (cluster.jobs(`task-${id}-${run}`).length > 0) return true;
      // The cluster removes the pod of a Job that is gone by itself, soon after.
      await cluster.until(() => cluster.pods().every(({ metadata }) => metadata.labels?.["mayfly.task"] !== id));
      return false;
    },
    restart: () => connect(),
    loseLogs: async () => cluster.breakLogs(),
    async close() {
      unsubscribe();
      for (const runtime of runtimes) runtime.close();
      await cluster.close();
    },
  };
}
