import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KubernetesRuntime } from "../src/index.ts";
import { doubleSpec, type KubernetesHarness, openKubernetesHarness } from "./kubernetes-harness.ts";
import { manifestRules } from "./manifest-rules.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let harness: KubernetesHarness;
beforeEach(async () => {
  harness = await openKubernetesHarness();
});
afterEach(async () => await harness.close());

it.each([401, 403])(
  "[KUBE-13] asks again when the cluster answers %d, before and after the Job is there",
  async (status) => {
    const { runtime, cluster } = harness;
    cluster.faults.failNext("create", "jobs", status);
    cluster.faults.failNext("create", "jobs", "cutAfter");
    for (const _ of [1, 2, 3, 4]) cluster.faults.failNext("get", "jobs", status);
    cluster.setPulling(false);
    const others = cluster.watches;
    const start = runtime.start(harness.task("complete"), new RecordedRun());
    await expect.poll(() => cluster.watches, { timeout: 30_000 }).toBe(others + 2);
    cluster.setPulling(true);
    const handle = await start;
    expect(cluster.jobs().map(({ metadata }) => metadata.uid)).toEqual([handle.uid]);
    expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
  },
);

it.each([401, 403])("[KUBE-13] asks again when the cluster answers %d to how a new Job fares", async (status) => {
  const { runtime, cluster } = harness;
  const others = cluster.watches;
  void runtime.wait(await runtime.start(harness.task("slow"), new RecordedRun()), new RecordedRun());
  await expect.poll(() => cluster.watches, { timeout: 30_000 }).toBe(others + 2);
  // So that the runtime does not hear of the next Job by itself.
  const watch = cluster.faults.holdNext("watch", "jobs");
  cluster.dropWatches();
  await watch.arrived;
  cluster.faults.failNext("get", "jobs", status);
  cluster.faults.failNext("get", "jobs", status);
  const handle = await runtime.start(harness.task("complete"), new RecordedRun());
  watch.release();
  expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
});

it("[KUBE-13] waits for a quota until another Job is removed", async () => {
  const { runtime, cluster } = harness;
  const first = await runtime.start(harness.task("slow"), new RecordedRun());
  cluster.setQuota({ "count/jobs.batch": 1 });
  const attempt = cluster.faults.holdNext("create", "jobs");
  const second = runtime.start(harness.task("complete"), new RecordedRun());
  await attempt.arrived;
  const next = cluster.faults.holdNext("create", "jobs");
  attempt.release();
  await next.arrived;
  await runtime.destroy(first);
  next.release();
  expect(await runtime.wait(await second, new RecordedRun())).toEqual({ status: "complete" });
});

it("[KUBE-13] says which right is missing when the time for a start is over", async () => {
  const rules = (await manifestRules()).map((rule) => ({
    ...rule,
    verbs: rule.verbs.filter((verb) => verb !== "create"),
  }));
  const kubeConfig = { text: harness.cluster.serviceAccount("reader", rules) };
  const runtime = await harness.connect({ kubeConfig, startTimeoutMs: 3_000 });
  await expect(runtime.start(harness.task("complete"), new RecordedRun())).rejects.toMatchObject({
    code: "runtime",
    message: expect.stringMatching(
      /did not begin within 3000 ms\. .*"system:serviceaccount:mayfly:reader" cannot create resource "jobs" in API group "batch"/,
    ) as string,
  });
});

it.each([
  ['admission webhook "policy.example" denied the request: no owner', 403, "runtime"],
  ["ValidatingAdmissionPolicy 'owner' with binding 'all' denied request: no owner", 403, "runtime"],
  ["ValidatingAdmissionPolicy 'owner' with binding 'all' denied request: no owner", 422, "rejected"],
])("[KUBE-13] takes no refusal of the Job itself for one that passes: %s (%d)", async (message, status, code) => {
  harness.cluster.faults.failNext("create", "jobs", { status, message });
  const task = harness.task("complete");
  await expect(harness.runtime.start(task, new RecordedRun())).rejects.toMatchObject({
    code,
    message: `The Job task-${task.id}-1 could not be started: ${message}`,
  });
  expect(harness.cluster.jobs()).toEqual([]);
});

it("[KUBE-13] reads credentials anew that the cluster refuses, for work that runs too", async () => {
  const { cluster } = harness;
  const folder = await mkdtemp(join(tmpdir(), "mayfly-kubeconfig-"));
  const file = join(folder, "config");
  let kubeConfig = cluster.serviceAccount("renewed", await manifestRules());
  await writeFile(file, kubeConfig);
  const runtime = await KubernetesRuntime.connect(doubleSpec(), { kubeConfig: { file } });
  try {
    const running = await runtime.start(harness.task("slow"), new RecordedRun());
    const result = runtime.wait(running, new RecordedRun());
    kubeConfig = cluster.renewToken(kubeConfig);
    const start = runtime.start(harness.task("complete"), new RecordedRun());
    expect(await runtime.health()).toMatchObject({
      status: "unhealthy",
      message: expect.stringMatching(/Unauthorized/) as string,
    });
    await writeFile(file, kubeConfig);
    const handle = await start;
    expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
    cluster.dropWatches();
    for (const pid of cluster.processesOf(running.name)) process.kill(pid, "SIGKILL");
    expect(await result).toMatchObject({ exitCode: 137 });
    await writeFile(file, cluster.renewToken(kubeConfig));
    await runtime.destroy(running);
    expect(cluster.jobs(running.name)).toEqual([]);
  } finally {
    runtime.close();
    await rm(folder, { recursive: true });
  }
});
