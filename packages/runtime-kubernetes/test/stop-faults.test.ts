import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KubernetesHandle } from "../src/index.ts";
import { type KubernetesHarness, openKubernetesHarness } from "./kubernetes-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const commands = {
  slow: ["sh", "-c", "trap 'echo asked; exit 143' TERM; echo begun; sleep 3600 & wait"],
  polite: ["sh", "-c", "trap 'exit 0' TERM; echo begun; sleep 3600 & wait"],
  tree: [
    "sh",
    "-c",
    "trap '' TERM; for i in 1 2 3; do sh -c 'trap \"\" TERM; while :; do sleep 1; done' & done; echo begun; wait",
  ],
  complete: ["true"],
};

let harness: KubernetesHarness;
beforeEach(async () => {
  harness = await openKubernetesHarness({ commands });
});
afterEach(async () => await harness.close());

async function begin(command: keyof typeof commands, context = new RecordedRun()): Promise<KubernetesHandle> {
  const handle = await harness.runtime.start(harness.task(command), context);
  void harness.runtime.wait(handle, context);
  await context.said("begun");
  return handle;
}

it("[KUBE-7] asks, keeps the Job, and tells all the same, before and after the stop and a restart", async () => {
  const { runtime, cluster } = harness;
  const context = new RecordedRun();
  const handle = await begin("slow", context);
  const before = runtime.wait(handle, context);
  await runtime.stop(handle, { graceMs: 60_000 });
  expect(cluster.isRunning(handle.name)).toBe(false);
  expect(cluster.jobs(handle.name)).toHaveLength(1);
  const result = await before;
  expect(result).toMatchObject({ status: "failed", reason: "runtime" });
  const next = await harness.connect();
  expect(await next.wait(handle, new RecordedRun())).toEqual(result);
  await next.stop(handle, { graceMs: 60_000 });
  expect(await next.wait(handle, new RecordedRun())).toEqual(result);
});

it("[KUBE-7] has failed although what it stops says that all is well", async () => {
  const handle = await begin("polite");
  await harness.runtime.stop(handle, { graceMs: 60_000 });
  expect(await harness.runtime.wait(handle, new RecordedRun())).toMatchObject({ status: "failed" });
});

it("[KUBE-7] ends a tree of processes that ignore being asked, when the grace is over", async () => {
  const handle = await begin("tree");
  expect(harness.cluster.processesOf(handle.name).length).toBeGreaterThan(3);
  await harness.runtime.stop(handle, { graceMs: 100 });
  expect(harness.cluster.processesOf(handle.name)).toEqual([]);
});

it("[KUBE-7] shortens the grace of a stop that takes too long", async () => {
  const handle = await begin("tree");
  const first = harness.runtime.stop(handle, { graceMs: 3_600_000 });
  await harness.runtime.stop(handle, { graceMs: 100 });
  await first;
  expect(harness.cluster.isRunning(handle.name)).toBe(false);
});

it("[KUBE-7] has the cluster forget a pod whose node is lost, so that all who wait hear of an end", async () => {
  const handle = await begin("slow");
  const runtime = await harness.connect({ nodePatienceMs: 100 });
  const result = harness.runtime.wait(handle, new RecordedRun());
  harness.cluster.setNodeReady(false);
  await runtime.stop(handle, { graceMs: 100 });
  expect(await result).toMatchObject({ status: "failed", reason: "runtime" });
  await harness.cluster.until(() => harness.cluster.pods(handle.name).length === 0);
});

it("[KUBE-7] keeps at it when the pod has changed, and when the cluster breaks off, fails or is away", async () => {
  const { cluster, runtime } = harness;
  for (const fault of [409, "cut", "cutAfter", 503] as const) {
    const handle = await begin("slow");
    cluster.faults.failNext("delete", "pods", fault);
    await runtime.stop(handle, { graceMs: 60_000 });
    expect({ fault, isRunning: cluster.isRunning(handle.name) }).toEqual({ fault, isRunning: false });
  }
  const handle = await begin("slow");
  await cluster.goAway();
  const stop = runtime.stop(handle, { graceMs: 60_000 });
  await cluster.comeBack();
  await stop;
  expect(cluster.isRunning(handle.name)).toBe(false);
});

it("[KUBE-7] removes a Job that has no pod yet, so that none comes", async () => {
  const { cluster, runtime } = harness;
  cluster.setQuota({ "count/pods": "0" });
  const task = harness.task("slow");
  const start = runtime.start(task, new RecordedRun());
  const name = `task-${task.id}-1`;
  await cluster.until(() => cluster.jobs(name).length > 0);
  const uid = cluster.jobs(name)[0]?.metadata.uid ?? "";
  const [started] = await Promise.allSettled([start, runtime.stop({ version: 1, name, uid }, { graceMs: 60_000 })]);
  expect(started).toMatchObject({
    status: "rejected",
    reason: { code: "runtime", message: `The Job ${name} was removed before its work began.` },
  });
  expect(cluster.jobs(name)).toEqual([]);
});

it("[KUBE-7] stops the run of the handle, and not another Job that has its name now", async () => {
  const { runtime } = harness;
  const task = harness.task("slow");
  const first = await runtime.start(task, new RecordedRun());
  await runtime.stop(first, { graceMs: 60_000 });
  await runtime.destroy(first);
  const second = await runtime.start(task, new RecordedRun());
  expect(second.name).toBe(first.name);
  await runtime.stop(first, { graceMs: 60_000 });
  await runtime.destroy(first);
  expect(harness.cluster.jobs().map(({ metadata }) => metadata.uid)).toEqual([second.uid]);
  expect(await harness.isRunning(second)).toBe(true);
  expect(await runtime.wait(first, new RecordedRun())).toMatchObject({ status: "failed", reason: "runtime" });
});

it("[KUBE-7] says that a Job could not be removed, when it may not", async () => {
  const handle = await begin("slow");
  await harness.runtime.stop(handle, { graceMs: 60_000 });
  harness.cluster.faults.failNext("delete", "jobs", 403);
  await expect(harness.runtime.destroy(handle)).rejects.toMatchObject({
    code: "runtime",
    message: expect.stringMatching(/could not be removed: /) as string,
  });
  harness.cluster.faults.failNext("delete", "jobs", "cutAfter");
  await harness.runtime.destroy(handle);
  expect(harness.cluster.jobs()).toEqual([]);
});
