import { aTask } from "@mayfly/task/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type KubernetesHarness, openKubernetesHarness } from "./kubernetes-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const commands = {
  both: ["sh", "-c", "echo out; echo err >&2; exit 4"],
  slow: ["sh", "-c", "echo begun; exec sleep 3600"],
  counter: ["sh", "-c", "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); sleep 0.01; done; printf 'no end'"],
  loud: ["sh", "-c", `yes ${"mayfly ".repeat(1_000)} | head -c 4000000; echo end`],
  env: [
    "sh",
    "-c",
    'printf "%s\\n" "$MAYFLY_TASK" "$MAYFLY_TASK_ID" "$MAYFLY_ATTEMPT" "$MAYFLY_RUN" "$MAYFLY_DEADLINE" "$0"',
    "$(HOME) $$",
  ],
};

let harness: KubernetesHarness;
beforeEach(async () => {
  harness = await openKubernetesHarness({ commands });
});
afterEach(async () => await harness.close());

it("[KUBE-8] tells every line of both streams before the result", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("both"), context);
  expect(await harness.runtime.wait(handle, context)).toMatchObject({ exitCode: 4 });
  expect(context.lines.toSorted()).toEqual(["err", "out"]);
});

it("[KUBE-8] takes up a log that breaks where it was", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("counter"), context);
  const result = harness.runtime.wait(handle, context);
  for (const line of ["line 20", "line 60", "line 100"]) {
    await context.said(line);
    harness.cluster.breakLogs();
  }
  expect(await result).toEqual({ status: "complete" });
  expect(context.lines).toEqual([...Array.from({ length: 200 }, (_, index) => `line ${index}`), "no end"]);
});

it("[KUBE-8] tells an owner that comes back the log from its beginning", async () => {
  const first = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("slow"), first);
  void harness.runtime.wait(handle, first);
  await first.said("begun");
  const second = new RecordedRun();
  void harness.runtime.wait(handle, second);
  await second.said("begun");
});

it("[KUBE-8] cuts a long log, and lets the work write on", async () => {
  const runtime = await harness.connect({ maxLogBytes: 100_000 });
  const context = new RecordedRun();
  const handle = await runtime.start(harness.task("loud"), context);
  expect(await runtime.wait(handle, context)).toEqual({ status: "complete" });
  expect(context.lines.at(-1)).toBe("[log cut: the pod has written more than 100000 bytes]");
  expect(context.lines.join("\n").length).toBeLessThan(100_100);
});

it("[KUBE-8] lets a log that cannot be read change nothing", async () => {
  for (const fault of [403, 500, "cut"] as const) harness.cluster.faults.failNext("get", "pods/log", fault);
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("both"), context);
  expect(await harness.runtime.wait(handle, context)).toMatchObject({ exitCode: 4 });
});

it("[KUBE-3] gives the container its task, attempt, run, deadline and command, word for word", async () => {
  const attributes = { image: "test", command: "env", text: "$(MAYFLY_RUN) $HOME $$ $$(X) \"'\\ ü\n" };
  const task = aTask({ attributes });
  const context = new RecordedRun({ number: 7, deadline: Date.UTC(2100, 0, 1) });
  const handle = await harness.runtime.start(task, context);
  expect(await harness.runtime.wait(handle, context)).toEqual({ status: "complete" });
  expect(context.lines).toEqual([JSON.stringify(task), task.id, "1", "7", "2100-01-01T00:00:00.000Z", "$(HOME) $$"]);
});
