import { expect, it } from "vitest";
import type { FaultSpan, History } from "../src/history.ts";
import { type Figure, recoveryTimes } from "../src/recovery-times.ts";
import { summarize } from "../src/summary.ts";
import { answer, beginMs, event, line, sampleTask, soundHistory } from "./sample-history.ts";

const sound = soundHistory();

function measured(figure: Figure, change: Partial<History> = {}) {
  return recoveryTimes({ ...sound, ...change })
    .filter((sample) => sample.figure === figure)
    .map(({ ms, isDisturbed }) => [ms, isDisturbed]);
}

function fault(kind: string, target: string, fromMs: number, untilMs: number): FaultSpan {
  return { number: 2, kind, target, pids: [], fromMs: beginMs + fromMs, untilMs: beginMs + untilMs };
}

it("measures from the death of a scheduler to the next run", () => {
  expect(measured("schedulerKilled")).toEqual([[4_964, false]]);
  const slow = fault("slow-redis", "all", 2_000, 3_000);
  expect(measured("schedulerKilled", { faults: [...sound.faults, slow] })).toEqual([[4_964, true]]);
});

it("measures from the death of an API that had stored a task to its delivery", () => {
  const exits = [{ name: "api-1", pid: 7, atMs: beginMs + 12, code: null, signal: "SIGKILL", isExpected: true }];
  const answers = [answer("post", 14, 0), answer("post", 900, 200)];
  expect(measured("apiKilled", { exits, answers })).toEqual([[8, false]]);
  expect(measured("apiKilled", { exits })).toEqual([]);
});

it("measures how soon what is overdue is removed, and its handler told", () => {
  const change = {
    tasks: [{ ...sampleTask, timeoutAtMs: beginMs + 60_000 }],
    events: [event("add", 10), event("ack", 20, 1), event("timeout", 60_030, 1)],
    runs: [line("start", 25), line("stop", 60_050, 1, { code: "timeout" })],
    exits: [],
  };
  expect(measured("expiry", change)).toEqual([[30, false]]);
  expect(measured("timeoutTold", change)).toEqual([[50, false]]);
});

it("measures how soon a handler is told of an abort", () => {
  const runs = [line("start", 25), line("stop", 40_025, 1, { code: "abort" })];
  expect(measured("abortTold", { runs, answers: [answer("abort", 40_005, 202)] })).toEqual([[25, false]]);
});

it("measures when the last task was delivered that had been accepted without a broker", () => {
  const faults = [fault("restart-broker", "broker", 0, 15)];
  expect(measured("brokerBack", { faults })).toEqual([[5, false]]);
});

it("[CHAOS-4] prints counts, faults, times and violations", () => {
  const violations = [{ rule: "lost", id: sampleTask.id, detail: "no terminal event" } as const];
  const text = summarize(sound, violations, recoveryTimes(sound)).join("\n");
  expect(text).toMatch(/^tasks accepted +1$/m);
  expect(text).toMatch(/^complete +1$/m);
  expect(text).toContain("1 faults of 1 kinds, 1 processes ended: kill-scheduler 1");
  expect(text).toMatch(/^scheduler killed → its task runs again +\| 1 \| 4.96 \| 4.96 \| 4.96$/m);
  expect(text).toMatch(/^lost +1$/m);
  expect(text).toContain(`    ${sampleTask.id}: no terminal event`);
  expect(text).toMatch(/^double terminal +0$/m);
  expect(text).toMatch(/^stale accepted +0$/m);
});
