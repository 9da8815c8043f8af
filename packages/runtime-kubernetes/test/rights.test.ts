import { silentLogger } from "@mayfly/service";
import { aTask } from "@mayfly/task/testing";
import { type KubernetesServer, type PolicyRule, startKubernetes } from "@mayfly/test-services/kubernetes";
import { expect, it, vi } from "vitest";
import { KubernetesRuntime, type KubernetesRuntimeOptions } from "../src/index.ts";
import { doubleSpec } from "./kubernetes-harness.ts";
import { manifestRules } from "./manifest-rules.ts";
import { patientClock } from "./patient-clock.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const commands = { slow: ["sleep", "3600"], say: ["echo", "said"] };

/** All that a runtime does with a run, by an account with these rights. Resolves with what went wrong. */
async function troubleWith(
  cluster: KubernetesServer,
  name: string,
  rules: readonly PolicyRule[],
  more: KubernetesRuntimeOptions = {},
): Promise<string[]> {
  const trouble: string[] = [];
  const runtimes: KubernetesRuntime[] = [];
  const warn = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    void trouble.push(`${message} ${JSON.stringify(fields)}`);
  const kubeConfig = { text: cluster.serviceAccount(name, rules) };
  const options = { kubeConfig, logger: { ...silentLogger, warn }, startTimeoutMs: 3_000, ...more };
  try {
    for (const _ of [1, 2]) runtimes.push(await KubernetesRuntime.connect(doubleSpec(commands), options));
    const [first, second] = runtimes;
    if (first === undefined || second === undefined) throw new Error("There are no runtimes.");
    const context = new RecordedRun();
    const said = await first.start(aTask({ attributes: { image: "test", command: "say" } }), context);
    await first.wait(said, context);
    if (!context.lines.includes("said")) trouble.push("The log is missing.");
    await first.destroy(said);
    const task = aTask({ attributes: { image: "test", command: "slow" } });
    const handle = await first.start(task, context);
    expect(await second.start(task, context)).toEqual(handle);
    const result = first.wait(handle, context);
    await first.stop(handle, { graceMs: 0 });
    await result;
    let listed = 0;
    for await (const { taskId } of second.list()) if (taskId === task.id) listed++;
    expect(listed).toBe(1);
    await second.destroy(handle);
    expect(await second.wait(handle, context)).toMatchObject({ reason: "runtime" });
  } catch (error) {
    trouble.push(String(error));
  } finally {
    for (const runtime of runtimes) runtime.close();
  }
  return trouble;
}

it("[KUBE-9] works with the rights of the manifests", async () => {
  const patient = { clock: patientClock, startTimeoutMs: 30_000 };
  await using cluster = await startKubernetes();
  expect(await troubleWith(cluster, "all", await manifestRules(), patient)).toEqual([]);
  expect(cluster.jobs()).toEqual([]);
});

const rights = (await manifestRules()).flatMap(({ resources, verbs }) =>
  resources.flatMap((resource) => verbs.map((verb) => [verb, resource] as const)),
);

it.each(rights)("[KUBE-9] needs to %s %s", async (verb, resource) => {
  await using cluster = await startKubernetes();
  const rules = (await manifestRules()).map((rule) =>
    rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule,
  );
  const trouble = await troubleWith(cluster, "some", rules);
  expect(trouble.join("\n")).toMatch(/forbidden|cannot|missing/i);
});
