import { type Logger, silentLogger } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KubernetesHandle } from "../src/index.ts";
import { type KubernetesHarness, openKubernetesHarness } from "./kubernetes-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Less than a watch may take to begin. */
const startTimeoutMs = 20_000;

let harness: KubernetesHarness;
beforeEach(async () => {
  harness = await openKubernetesHarness();
});
afterEach(async () => await harness.close());

/**
 * Starts work that begins in time, which the runtime does not hear of before the time for the start is over: its watches
 * wait. `meanwhile` happens after the first request for a list.
 */
async function startUnseen(
  logger: Logger = silentLogger,
  meanwhile: (clock: ManualClock) => Promise<void> = async () => undefined,
): Promise<KubernetesHandle> {
  const { cluster } = harness;
  const clock = new ManualClock();
  const runtime = await harness.connect({ clock, logger, startTimeoutMs });
  cluster.setPulling(false);
  const watches = (["jobs", "pods"] as const).map((resource) => cluster.faults.holdNext("watch", resource));
  const start = runtime.start(harness.task("slow"), new RecordedRun());
  await meanwhile(clock);
  await Promise.all(watches.map(({ arrived }) => arrived));
  cluster.setPulling(true);
  await cluster.until(() => cluster.pods().some(({ status }) => status.phase === "Running"));
  await clock.advance(startTimeoutMs - clock.monotonicMs());
  const handle = await start;
  for (const { release } of watches) release();
  return handle;
}

it("[KUBE-5] keeps work that has begun in time, although its watches are behind", async () => {
  const handle = await startUnseen();
  expect(harness.cluster.jobs().map(({ metadata }) => metadata.uid)).toEqual([handle.uid]);
  expect(await harness.isRunning(handle)).toBe(true);
});

it.each([
  ["list", 500],
  ["watch", "cut"],
] as const)("[KUBE-5] keeps such work also when a %s has failed before (%s)", async (verb, fault) => {
  harness.cluster.faults.failNext(verb, "pods", fault);
  let isBlind: () => void = () => undefined;
  const blind = new Promise<void>((resolve) => (isBlind = resolve));
  const handle = await startUnseen({ ...silentLogger, warn: () => isBlind() }, async (clock) => {
    await blind;
    await clock.advance(5_000);
  });
  expect(harness.cluster.jobs().map(({ metadata }) => metadata.uid)).toEqual([handle.uid]);
  expect(await harness.isRunning(handle)).toBe(true);
});
