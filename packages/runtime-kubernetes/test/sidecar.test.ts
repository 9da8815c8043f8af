import type { Result } from "@mayfly/runtime";
import { ManualClock } from "@mayfly/service/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KubernetesHandle, KubernetesRuntime, KubernetesRuntimeOptions } from "../src/index.ts";
import { type KubernetesHarness, openKubernetesHarness } from "./kubernetes-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const commands = {
  complete: ["true"],
  fail: ["sh", "-c", "exit 3"],
  slow: ["sh", "-c", "echo begun; exec sleep 3600"],
};
const endless = ["sleep", "3600"];
const stubborn = ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"];

let harness: KubernetesHarness;
beforeEach(async () => {
  harness = await openKubernetesHarness({ commands });
});
afterEach(async () => await harness.close());

/** A runtime whose clock is moved while something is waited for. */
async function onItsOwnTime(options: KubernetesRuntimeOptions = {}): Promise<{
  readonly runtime: KubernetesRuntime;
  passWhile<Answer>(answer: Promise<Answer>): Promise<Answer>;
}> {
  const clock = new ManualClock();
  const runtime = await harness.connect({ ...options, clock });
  return {
    runtime,
    async passWhile(answer) {
      let isSettled = false;
      const settle = (): void => void (isSettled = true);
      answer.then(settle, settle);
      await expect.poll(() => clock.advance(250).then(() => isSettled), { timeout: 30_000, interval: 20 }).toBe(true);
      return await answer;
    },
  };
}

async function begin(command: keyof typeof commands, context = new RecordedRun()): Promise<KubernetesHandle> {
  return await harness.runtime.start(harness.task(command), context);
}

const ends: [keyof typeof commands, Result][] = [
  ["complete", { status: "complete" }],
  ["fail", { status: "failed", reason: "failed", message: "The work ended with code 3.", exitCode: 3 }],
];

it.each(ends)(
  "[KUBE-15] ends with its work (%s) although a sidecar runs on, for all who wait",
  async (command, expected) => {
    harness.cluster.setSidecar(endless);
    const handle = await begin(command);
    const [first, next] = [await onItsOwnTime(), await onItsOwnTime()];
    expect(await first.passWhile(first.runtime.wait(handle, new RecordedRun()))).toEqual(expected);
    expect(await next.passWhile(next.runtime.wait(handle, new RecordedRun()))).toEqual(expected);
    expect(harness.cluster.isRunning(handle.name)).toBe(true);
    await next.runtime.destroy(handle);
    await harness.cluster.until(() => harness.cluster.pods().length === 0);
    expect(harness.cluster.isRunning(handle.name)).toBe(false);
  },
);

it("[KUBE-15] leaves the word to the Job while that may still come", async () => {
  harness.cluster.setSidecar(["sh", "-c", "sleep 0.3"]);
  const { runtime } = await onItsOwnTime();
  const handle = await begin("complete");
  // Its clock stands still: only the Job's own end can be the answer.
  expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
  expect(harness.cluster.jobs(handle.name)[0]?.status.succeeded).toBe(1);
});

it("[KUBE-15] is complete when its work is, although a sidecar has failed", async () => {
  harness.cluster.setSidecar(["sh", "-c", "sleep 0.3; exit 1"]);
  const handle = await begin("complete");
  expect(await harness.runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
  expect(harness.cluster.jobs(handle.name)[0]?.status.failed).toBe(1);
});

it("[KUBE-15] takes no stop for the end of work that has ended before", async () => {
  const { cluster } = harness;
  cluster.setSidecar(endless);
  const handle = await begin("complete");
  const hasEnded = (): boolean =>
    cluster.pods(handle.name)[0]?.status.containerStatuses?.[0]?.state?.terminated !== undefined;
  await cluster.until(hasEnded);
  const { runtime, passWhile } = await onItsOwnTime();
  await passWhile(runtime.stop(handle, { graceMs: 60_000 }));
  expect(cluster.pods(handle.name)[0]?.metadata.deletionTimestamp).toBeUndefined();
  expect(await passWhile(runtime.wait(handle, new RecordedRun()))).toEqual({ status: "complete" });
});

it("[KUBE-15] ends sidecars with the work that is stopped", async () => {
  harness.cluster.setSidecar(stubborn);
  const context = new RecordedRun();
  const handle = await begin("slow", context);
  const { runtime, passWhile } = await onItsOwnTime();
  const result = runtime.wait(handle, context);
  await harness.runtime.stop(handle, { graceMs: 1_000 });
  expect(await passWhile(result)).toMatchObject({ status: "failed", reason: "runtime" });
  expect(harness.cluster.isRunning(handle.name)).toBe(false);
});

it("[KUBE-15] says that work has run into its deadline, also while a sidecar ends later than its work", async () => {
  harness.cluster.setSidecar(stubborn);
  const runtime = await harness.connect({ deadlineGraceMs: 2_000 });
  const context = new RecordedRun({ deadline: Date.now() + 900 });
  const handle = await runtime.start(harness.task("slow"), context);
  const waiting = await onItsOwnTime();
  expect(await waiting.passWhile(waiting.runtime.wait(handle, context))).toEqual({
    status: "failed",
    reason: "failed",
    message: "The work was ended at its deadline by the cluster.",
  });
});
