import type { EventOp, TaskEvent, TaskView } from "@mayfly/task";
import { contentOf } from "../src/content.ts";
import type { ApiAnswer, History, PostedTask, RunLine } from "../src/history.ts";

/** When the sample begins, in epoch milliseconds. */
export const beginMs: number = Date.parse("2026-01-01T00:00:00.000Z");

const id = "00000000-0000-4000-8000-000000000001";
const attributes = { handler: "work", ms: 100, number: 0 };

/** The task of the sample. */
export const sampleTask: PostedTask = {
  id,
  kind: "work",
  scheduler: "swift",
  attributes,
  timeoutInMs: 60_000,
  timeoutAtMs: beginMs + 60_000,
  repeats: 0,
  conflicts: false,
  watched: false,
};

/** An event of the task, some time after the beginning. */
export function event(op: EventOp, afterMs: number, attempt?: number, more: Partial<TaskEvent> = {}): TaskEvent {
  const at = new Date(beginMs + afterMs).toISOString();
  const owner = attempt === undefined ? {} : { attempt, instance: `swift@host:${100 + attempt}:abcdef` };
  return { op, id, scheduler: "swift", at, ...owner, ...more };
}

/** A line of the journal of the process that runs an attempt. */
export function line(what: RunLine["what"], afterMs: number, attempt = 1, more: Partial<RunLine> = {}): RunLine {
  const content = what === "start" ? { content: contentOf(attributes) } : {};
  return { atMs: beginMs + afterMs, id, attempt, pid: 100 + attempt, what, ...content, ...more };
}

/** An answer of an API, that came 5 ms after it was asked for. */
export function answer(
  call: ApiAnswer["call"],
  afterMs: number,
  status: number,
  more: Partial<ApiAnswer> = {},
): ApiAnswer {
  return { call, id, api: "api-1", sentAtMs: beginMs + afterMs - 5, answeredAtMs: beginMs + afterMs, status, ...more };
}

/** The task as an API shows it. */
export function view(more: Partial<TaskView>): TaskView {
  const timeout = new Date(sampleTask.timeoutAtMs).toISOString();
  const scheduledAt = new Date(beginMs + 10).toISOString();
  return { id, scheduler: "swift", timeout, scheduledAt, state: "scheduled", ...more };
}

/** The task once it is complete. */
export function completeView(attempt = 1): TaskView {
  return view({ state: "done", outcome: "complete", attempt, result: { attempt, pid: 100 + attempt } });
}

/** A history in which nothing is wrong: one task that was lost by its first owner and completed by its second. */
export function soundHistory(): History {
  return {
    tasks: [sampleTask],
    answers: [
      answer("post", 15, 201, { view: view({ attributes }) }),
      answer("final", 9_000, 200, { view: completeView(2) }),
    ],
    events: [
      event("add", 10),
      event("ack", 20, 1),
      event("requeue", 5_000, 1),
      event("ack", 5_020, 2),
      event("progress", 5_050, 2),
      event("complete", 5_130, 2),
    ],
    runs: [line("start", 25), line("start", 5_025, 2), line("returned", 5_125, 2)],
    faults: [
      {
        number: 1,
        kind: "kill-scheduler",
        target: "swift-1",
        pids: [101],
        fromMs: beginMs + 60,
        untilMs: beginMs + 1_000,
      },
    ],
    exits: [{ name: "swift-1", pid: 101, atMs: beginMs + 61, code: null, signal: "SIGKILL", isExpected: true }],
    eventGaps: [],
  };
}
