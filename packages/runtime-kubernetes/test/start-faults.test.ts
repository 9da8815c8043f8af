import { StopReason } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type KubernetesHarness, openKubernetesHarness, doubleSpec } from "./kubernetes-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let harness: KubernetesHarness;
beforeEach(async () => {
  harness = await openKubernetesHarness();
});
afterEach(async () => await harness.close());

/** Starts with little patience, and resolves with the message and code that it fails with when nothing is left of it. */
async function failureOf(task: Task, startTimeoutMs = 400): Promise<{ code: string; message: string }> {
  const runtime = await harness.connect({ startTimeoutMs });
  const error: unknown = await runtime.start(task, new RecordedRun()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "RuntimeError" });
  await harness.cluster.until(() => harness.cluster.jobs().length + harness.cluster.pods().length === 0);
  return error as { code: string; message: string };
}

it("[KUBE-5] has a typed reason for an image that cannot be pulled, without waiting, and holds up no other start", async () => {
  const { runtime, cluster } = harness;
  const [failed, started] = await Promise.allSettled([
    runtime.start(harness.task("complete", { image: "missing" }), new RecordedRun()),
    runtime.start(harness.task("complete"), new RecordedRun()),
  ]);
  expect(failed).toMatchObject({ status: "rejected", reason: { code: "runtime" } });
  expect(failed.status === "rejected" && String(failed.reason)).toMatch(
    /registry\.invalid:5000\/missing:1 cannot be run: (ErrImagePull|ImagePullBackOff): .*no such host/,
  );
  expect(started.status).toBe("fulfilled");
  expect(cluster.jobs()).toHaveLength(1);
});

it("[KUBE-5] rejects an image whose name is none", async () => {
  const { code, message } = await failureOf(harness.task("complete", { image: "unnamed" }), 20_000);
  expect(code).toBe("rejected");
  expect(message).toMatch(/test\.example\/Tools:1 cannot be run: InvalidImageName: /);
});

it("[KUBE-5] gives up on a pod that no node takes when the time is over, and says why", async () => {
  harness.cluster.setSchedulable(false);
  const { code, message } = await failureOf(harness.task("complete"), 3_000);
  expect(code).toBe("runtime");
  expect(message).toMatch(/did not begin within 3000 ms\. No node takes its pod\. Unschedulable: /);
  harness.cluster.setSchedulable(true);
  expect((await failureOf(harness.task("complete", { image: "huge" }), 3_000)).message).toMatch(/memory/);
});

it("[KUBE-5] leaves the Job to the next owner, who adopts it, when the run may be another's", async () => {
  const { cluster } = harness;
  cluster.setSchedulable(false);
  const runtime = await harness.connect({ startTimeoutMs: 3_000 });
  const owner = new AbortController();
  const task = harness.task("complete");
  const start = runtime.start(task, new RecordedRun({ signal: owner.signal }));
  await cluster.until(() => cluster.jobs().length === 1);
  owner.abort(new StopReason("lost", "The lease is over."));
  await expect(start).rejects.toMatchObject({ code: "runtime" });
  const [job] = cluster.jobs();
  cluster.setSchedulable(true);
  const handle = await harness.runtime.start(task, new RecordedRun());
  expect(handle.uid).toBe(job?.metadata.uid);
  expect(await harness.runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
});

it.each(["abort", "timeout"] as const)(
  "[KUBE-20] removes the Job whose work has not begun when its owner is told to stop (%s)",
  async (code) => {
    const { cluster } = harness;
    cluster.setSchedulable(false);
    const owner = new AbortController();
    const start = harness.runtime.start(harness.task("complete"), new RecordedRun({ signal: owner.signal }));
    await cluster.until(() => cluster.jobs().length === 1);
    owner.abort(new StopReason(code, "It is over."));
    await expect(start).rejects.toMatchObject({
      code: "runtime",
      message: expect.stringMatching(/was told to end before its work had begun: It is over\.$/) as string,
    });
    await cluster.until(() => cluster.jobs().length + cluster.pods().length === 0);
  },
);

it("[KUBE-20] creates no Job for an owner that was told to stop, for whatever reason", async () => {
  for (const code of ["abort", "timeout", "lost", "shutdown"] as const) {
    const signal = AbortSignal.abort(new StopReason(code, "It is over."));
    const start = harness.runtime.start(harness.task("complete"), new RecordedRun({ signal }));
    await expect(start).rejects.toMatchObject({ code: "runtime" });
  }
  expect(harness.cluster.jobs()).toEqual([]);
});

it("[KUBE-5] gives up on an image that never comes", async () => {
  harness.cluster.setPulling(false);
  expect((await failureOf(harness.task("complete"), 3_000)).message).toMatch(/is not ready: ContainerCreating\.$/);
  harness.cluster.setPulling(true);
});

it("[KUBE-5] says that a quota is used up, of Jobs and of pods, when the time is over", async () => {
  harness.cluster.setQuota({ "count/jobs.batch": "0" });
  expect(await failureOf(harness.task("complete"), 3_000)).toMatchObject({
    code: "runtime",
    message: expect.stringMatching(
      /did not begin within 3000 ms\. .* refuses to create its Job: .*exceeded quota/,
    ) as string,
  });
  harness.cluster.setQuota({ "count/pods": "0" });
  expect(await failureOf(harness.task("complete"), 3_000)).toMatchObject({
    code: "runtime",
    message: expect.stringMatching(/The cluster has made no pod for it\.$/) as string,
  });
});

it("[KUBE-5] adopts the Job that the cluster has made although it broke off", async () => {
  const { runtime, cluster } = harness;
  cluster.faults.failNext("create", "jobs", "cutAfter");
  const task = harness.task("complete");
  const handle = await runtime.start(task, new RecordedRun());
  expect(cluster.jobs().map(({ metadata }) => metadata.uid)).toEqual([handle.uid]);
  expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
  expect(await harness.timesBegun?.(task)).toBe(1);
});

it("[KUBE-5] asks again when the cluster fails or breaks off before it has made a Job", async () => {
  const { runtime, cluster } = harness;
  for (const fault of ["cut", 500, 429] as const) cluster.faults.failNext("create", "jobs", fault);
  const handle = await runtime.start(harness.task("complete"), new RecordedRun());
  expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
});

it("[KUBE-5] rejects what the cluster finds invalid", async () => {
  harness.cluster.faults.failNext("create", "jobs", 422);
  expect(await failureOf(harness.task("complete"), 20_000)).toMatchObject({
    code: "rejected",
    message: expect.stringMatching(/could not be started: /) as string,
  });
});

it("[KUBE-5] leaves alone what has the name of a run and is not the run", async () => {
  const other = await harness.connect({}, { ...doubleSpec(), deployment: "other" });
  const task = harness.task("slow");
  const theirs = await other.start(task, new RecordedRun());
  const start = harness.runtime.start(task, new RecordedRun());
  await expect(start).rejects.toMatchObject({
    code: "runtime",
    message: `There is a Job ${theirs.name} that is not of this run.`,
  });
  expect(await harness.isRunning(theirs)).toBe(true);
});

it("[KUBE-5] starts anew under the name of a Job that is just being removed", async () => {
  const task = harness.task("slow");
  const first = await harness.runtime.start(task, new RecordedRun());
  harness.cluster.deleteJob(first.name, { propagationPolicy: "Foreground" });
  const next = await harness.runtime.start(task, new RecordedRun());
  expect(next.name).toBe(first.name);
  expect(next.uid).not.toBe(first.uid);
});

it("[KUBE-5] gives up on a cluster that is away when the time for a start is over, and says how it is", async () => {
  const runtime = await harness.connect({ startTimeoutMs: 3_000 });
  await harness.cluster.goAway();
  const start = runtime.start(harness.task("complete"), new RecordedRun());
  await expect(start).rejects.toMatchObject({
    code: "runtime",
    message: expect.stringMatching(/did not begin within 3000 ms\. .*ECONNREFUSED/) as string,
  });
  expect(await runtime.health()).toMatchObject({
    status: "unhealthy",
    message: expect.stringMatching(/^Kubernetes does not answer: .*ECONNREFUSED/) as string,
  });
  await harness.cluster.comeBack();
  expect(await runtime.health()).toEqual({ status: "healthy" });
});
