import type { Outcome, TaskEvent, TaskView } from "@mayfly/task";
import { contentOf } from "../content.ts";
import { type SchedulerSettings, schedulers } from "../deployment.ts";
import type { Finding } from "./event-rules.ts";
import { atMs, isSuccess, type TaskHistory } from "./task-history.ts";

/** A task ended in the way that what was asked for and what its handlers did explain. */
export function outcome(history: TaskHistory): readonly Finding[] {
  const { task, end } = history;
  if (task === undefined || end === undefined) return [];
  const wrong = whatIsWrong(history, end);
  return wrong === undefined ? [] : [["wrongOutcome", `${end.op}, planned as ${task.kind}: ${wrong}`]];
}

function whatIsWrong({ task, answers, events, runs }: TaskHistory, end: TaskEvent): string | undefined {
  const did = (ending: "returned" | "threw"): boolean =>
    runs.some((run) => run.attempt === end.attempt && run.ending === ending);
  if (task === undefined) return undefined;
  if (end.op === "timeout") return atMs(end) < task.timeoutAtMs ? "its timeout had not come" : undefined;
  if (end.op === "complete") {
    if (task.kind === "fail" || task.kind === "refuse") return "it cannot complete";
    return did("returned") ? undefined : `the handler of attempt ${end.attempt} has not returned`;
  }
  const code = end.reason?.code;
  if (code === undefined) return "it has no reason";
  switch (code) {
    case "requested":
      return answers.some(({ call }) => call === "abort") ? undefined : "nobody has asked for it";
    case "failed":
      if (task.kind !== "fail") return "nothing should have failed";
      return did("threw") ? undefined : `the handler of attempt ${end.attempt} has not failed`;
    case "rejected":
      return task.kind === "refuse" ? undefined : "nothing should have rejected it";
    case "lost": {
      const settings: SchedulerSettings = schedulers[task.scheduler];
      const claims = events.filter(({ op }) => op === "ack").length;
      return claims < settings.maxAttempts ? `it was claimed ${claims} times only` : undefined;
    }
    case "runtime":
    case "undeliverable":
      return `nothing explains ${code}: ${end.reason?.message ?? ""}`;
  }
}

/** What ran, and what is said of a task, is what was posted (I5, I12). */
export function content({ task, answers, runs }: TaskHistory): readonly Finding[] {
  if (task === undefined) return [];
  const posted = contentOf(task.attributes);
  const findings: Finding[] = [];
  for (const run of runs) {
    if (run.content !== posted) findings.push(["contentChanged", `attempt ${run.attempt} was given ${run.content}`]);
  }
  for (const { call, status, problem, view } of answers) {
    if (view?.attributes !== undefined && contentOf(view.attributes) !== posted) {
      findings.push(["contentChanged", `${call} was answered with other attributes`]);
    }
    if (call === "conflict" && isSuccess(status)) findings.push(["contentChanged", "other content was taken"]);
    if (call === "post" && problem === "task_conflict")
      findings.push(["contentChanged", "the same content was refused"]);
  }
  return findings;
}

const outcomes: Readonly<Record<string, Outcome>> = { complete: "complete", abort: "aborted", timeout: "timeout" };

/** What the APIs said of a task is what the events say. */
export function views({ isAccepted, end, answers, runs }: TaskHistory): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { call, sentAtMs, status, view } of answers) {
    if (call === "final" && isAccepted && end !== undefined && status !== 200) {
      findings.push(["contradictingView", `the last look was answered with ${status}`]);
    }
    if (view === undefined) continue;
    const wrong = view.state === "done" ? contradiction(view, end) : undefined;
    if (wrong !== undefined) findings.push(["contradictingView", `${call}: ${wrong}`]);
    if (view.state !== "done" && end !== undefined && atMs(end) < sentAtMs) {
      findings.push(["contradictingView", `${call}: ${view.state}, although it had ended`]);
    }
    findings.push(...staleResult(view, runs));
  }
  return findings;
}

function contradiction(view: TaskView, end: TaskEvent | undefined): string | undefined {
  if (end === undefined) return "done, without a terminal event";
  if (view.outcome !== outcomes[end.op]) return `${view.outcome}, but the event is ${end.op}`;
  if (view.reason?.code !== end.reason?.code) return `${view.reason?.code}, but the event says ${end.reason?.code}`;
  if (view.attempt !== end.attempt) return `attempt ${view.attempt}, but the event says ${end.attempt}`;
  return undefined;
}

/** The handlers return the attempt that they are: a result of another one was a stale one. */
function staleResult(view: TaskView, runs: TaskHistory["runs"]): readonly Finding[] {
  const { result } = view;
  if (typeof result !== "object" || result === null || !("attempt" in result)) return [];
  const isOfRun = runs.some(({ attempt, pid }) => attempt === result["attempt"] && pid === result["pid"]);
  if (result["attempt"] === view.attempt && isOfRun) return [];
  return [
    ["staleAccepted", `its result is of attempt ${JSON.stringify(result["attempt"])}, it ended with ${view.attempt}`],
  ];
}
