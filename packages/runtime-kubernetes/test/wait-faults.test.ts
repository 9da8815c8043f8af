import type { Result } from "@mayfly/runtime";
import { silentLogger } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KubernetesHandle, KubernetesRuntime } from "../src/index.ts";
import { doubleSpec, type KubernetesHarness, openKubernetesHarness } from "./kubernetes-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const commands = {
  slow: ["sh", "-c", "echo begun; exec sleep 3600"],
  complete: ["true"],
  absent: ["no-such-program"],
};

let harness: KubernetesHarness;
beforeEach(async () => {
  harness = await openKubernetesHarness({ commands });
});
afterEach(async () => await harness.close());

async function startSlow(
  runtime: KubernetesRuntime = harness.runtime,
): Promise<{ readonly handle: KubernetesHandle; readonly pod: string; readonly result: Promise<Result> }> {
  const context = new RecordedRun();
  const handle = await runtime.start(harness.task("slow"), context);
  const result = runtime.wait(handle, context);
  await context.said("begun");
  const [pod] = harness.cluster.pods(handle.name);
  return { handle, pod: pod?.metadata.name ?? "", result };
}

function kill(handle: KubernetesHandle): void {
  for (const pid of harness.cluster.processesOf(handle.name)) process.kill(pid, "SIGKILL");
}

/** How long a condition may take that is looked at again and again. */
const patience = { timeout: 30_000, interval: 20 };

const killed = { status: "failed", reason: "failed", exitCode: 137, signal: "SIGKILL" };

it("[KUBE-6] goes on where it was when the watches break", async () => {
  const { handle, result } = await startSlow();
  harness.cluster.dropWatches();
  kill(handle);
  expect(await result).toMatchObject(killed);
});

it("[KUBE-6] does not begin anew where a bookmark has told it how far it has come", async () => {
  const { cluster, runtime } = harness;
  const { handle, result } = await startSlow();
  await cluster.until(() => cluster.jobs(handle.name)[0]?.status?.ready === 1);
  cluster.expireResourceVersions("status");
  cluster.sendBookmarks();
  await runtime.health();
  await runtime.health();
  const lists = (["jobs", "pods"] as const).map((resource) => cluster.faults.holdNext("list", resource));
  let hasListed = false;
  for (const { arrived } of lists) void arrived.then(() => (hasListed = true));
  cluster.dropWatches();
  await expect.poll(() => cluster.watches, patience).toBe(2);
  expect(hasListed).toBe(false);
  for (const { release } of lists) release();
  kill(handle);
  expect(await result).toMatchObject(killed);
});

it.each(["status", "event"] as const)(
  "[KUBE-6] begins anew when the server has forgotten where it was, and says so as %s",
  async (form) => {
    const { handle, result } = await startSlow();
    await harness.cluster.goAway();
    kill(handle);
    harness.cluster.expireResourceVersions(form);
    await harness.cluster.comeBack();
    expect(await result).toMatchObject(killed);
  },
);

it("[KUBE-6] waits through an outage that is longer than any pause, and learns how the work ended in it", async () => {
  const clock = new ManualClock();
  let attempts = 0;
  const logger = { ...silentLogger, warn: () => void attempts++ };
  const runtime = await harness.connect({ clock, logger });
  const { handle, result } = await startSlow(runtime);
  let hasAnswered = false;
  void result.then(() => (hasAnswered = true));
  await harness.cluster.goAway();
  kill(handle);
  // Five minutes, in which it never stops asking: the longest pause is 5 s.
  for (let pause = 0; pause < 60; pause++) {
    const before = attempts;
    await clock.advance(5_000);
    await expect.poll(() => attempts, patience).toBeGreaterThan(before);
  }
  expect(hasAnswered).toBe(false);
  await harness.cluster.comeBack();
  await expect.poll(() => clock.advance(250).then(() => hasAnswered), patience).toBe(true);
  expect(await result).toMatchObject(killed);
});

it("[KUBE-6] watches all runs on two connections, and none when it waits for nothing", async () => {
  const { runtime, cluster } = harness;
  const others = cluster.watches;
  const runs = await Promise.all(Array.from({ length: 20 }, () => startSlow()));
  expect(cluster.watches - others).toBe(2);
  for (const { handle } of runs) kill(handle);
  expect(await Promise.all(runs.map(({ result }) => result))).toMatchObject(runs.map(() => killed));
  await expect.poll(() => cluster.watches, patience).toBe(others);
  expect(await runtime.health()).toEqual({ status: "healthy" });
});

it("[KUBE-6] hears of the end of a Job that its watches do not show, as of one whose deployment had another name", async () => {
  const { handle } = await startSlow();
  const renamed = await harness.connect({}, { ...doubleSpec(commands), deployment: "renamed" });
  const context = new RecordedRun();
  const result = renamed.wait(handle, context);
  await context.said("begun");
  kill(handle);
  expect(await result).toMatchObject(killed);
});

it("[KUBE-6] ends its connections when it is closed, and answers no wait then", async () => {
  const { handle, result } = await startSlow();
  harness.cluster.setPulling(false);
  const start = harness.runtime.start(harness.task("slow"), new RecordedRun());
  const isPulling = (): boolean =>
    harness.cluster
      .pods()
      .some(({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "ContainerCreating");
  await harness.cluster.until(isPulling);
  for (let answers = 0; answers < 5; answers++) await harness.runtime.health();
  let hasAnswered = false;
  void result.then(() => (hasAnswered = true));
  harness.runtime.close();
  await expect(start).rejects.toMatchObject({ code: "runtime" });
  kill(handle);
  const next = await harness.connect();
  expect(await next.wait(handle, new RecordedRun())).toMatchObject(killed);
  expect(hasAnswered).toBe(false);
});

it("[KUBE-4] says that a Job was removed from outside, by its name", async () => {
  const { handle, result } = await startSlow();
  harness.cluster.deleteJob(handle.name);
  const gone = {
    status: "failed",
    reason: "runtime",
    message: `The Job ${handle.name} is gone: it was removed before its end was read.`,
  };
  expect(await result).toEqual(gone);
  expect(await harness.runtime.wait(handle, new RecordedRun())).toEqual(gone);
});

it("[KUBE-4] says that a pod was removed from outside, the same to all who ask", async () => {
  const { handle, pod, result } = await startSlow();
  harness.cluster.deletePod(pod);
  expect(await result).toEqual({
    status: "failed",
    reason: "runtime",
    message: `The pod of the Job ${handle.name} was stopped or removed before its work had ended.`,
  });
  const next = await harness.connect();
  expect(await next.wait(handle, new RecordedRun())).toEqual(await result);
});

it("[KUBE-4] says that work ran out of memory", async () => {
  const { pod, result } = await startSlow();
  harness.cluster.oomKill(pod);
  expect(await result).toEqual({
    ...killed,
    oomKilled: true,
    message: "The work ran out of memory and ended by SIGKILL.",
  });
});

it("[KUBE-4] says that the node has evicted the pod, and that the cluster preferred another", async () => {
  const evicted = await startSlow();
  harness.cluster.evict(evicted.pod);
  expect(await evicted.result).toMatchObject({
    status: "failed",
    reason: "runtime",
    message: expect.stringMatching(/given up by its node\. Evicted: .*memory/) as string,
  });
  const preempted = await startSlow();
  harness.cluster.preempt(preempted.pod);
  expect(await preempted.result).toMatchObject({ status: "failed", reason: "runtime" });
});

it("[KUBE-4] says that the image lacks the command", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("absent"), context);
  expect(await harness.runtime.wait(handle, context)).toMatchObject({
    status: "failed",
    reason: "runtime",
    message: expect.stringMatching(/could not start its command\. StartError: .*no-such-program/) as string,
  });
});

it("[KUBE-4] says that the cluster has ended work at its deadline, when nobody has stopped it", async () => {
  const context = new RecordedRun({ deadline: Date.now() + 900 });
  const handle = await harness.runtime.start(harness.task("slow"), context);
  expect(await harness.runtime.wait(handle, context)).toEqual({
    status: "failed",
    reason: "failed",
    message: "The work was ended at its deadline by the cluster.",
  });
  expect(harness.cluster.isRunning(handle.name)).toBe(false);
});

it("[KUBE-2] leaves no Job when the time is over for which it is kept", async () => {
  const clock = new ManualClock();
  const other = await openKubernetesHarness({ commands, cluster: { clock } });
  const { cluster, runtime } = other;
  try {
    const context = new RecordedRun();
    const handle = await runtime.start(other.task("complete"), context);
    expect(await runtime.wait(handle, context)).toEqual({ status: "complete" });
    await clock.advance(3_590_000);
    expect(await runtime.wait(handle, context)).toEqual({ status: "complete" });
    await clock.advance(20_000);
    expect(await runtime.wait(handle, context)).toMatchObject({ status: "failed", reason: "runtime" });
    await cluster.until(() => cluster.jobs().length + cluster.pods().length === 0);
  } finally {
    await other.close();
  }
});
