import { isTerminal } from "@mayfly/task";
import { atMs, isSuccess, type TaskHistory } from "./task-history.ts";
import type { Rule } from "./violation.ts";

/** What a rule finds in the history of one task: which name of the table, and what it saw. */
export type Finding = readonly [Rule, string];

/** Everything accepted has ended. */
export function endings({ isAccepted, end, answers }: TaskHistory): readonly Finding[] {
  if (!isAccepted || end !== undefined) return [];
  const last = answers.findLast(({ call }) => call === "final");
  const state = last?.view?.state;
  if (state === undefined)
    return [["lost", `no terminal event; the last look was answered with ${last?.status ?? "nothing"}`]];
  return [["unfinished", `it is ${state}`]];
}

/** There is one end, and nothing follows it (I1, I2). */
export function singleEnd({ events }: TaskHistory): readonly Finding[] {
  const first = events.findIndex(({ op }) => isTerminal(op));
  if (first < 0) return [];
  return events
    .slice(first + 1)
    .map(
      ({ op, at }): Finding =>
        isTerminal(op)
          ? ["doubleTerminal", `${op} at ${at} after ${events[first]?.op}`]
          : ["afterTheEnd", `${op} at ${at} after ${events[first]?.op}`],
    );
}

/** One claim holds a task at a time, with attempts 1, 2, 3 … (I3); what happens to a claimed task is of its last claim. */
export function claims({ events }: TaskHistory): readonly Finding[] {
  const findings: Finding[] = [];
  let attempt = 0;
  let instance: string | undefined;
  let isHeld = false;
  for (const event of events) {
    if (event.op === "ack") {
      if (isHeld) findings.push(["overlappingLeases", `attempt ${event.attempt} while attempt ${attempt} held it`]);
      const given = event.attempt ?? 0;
      if (given <= attempt) findings.push(["overlappingLeases", `attempt ${given} after attempt ${attempt}`]);
      if (given > attempt + 1) findings.push(["incompleteHistory", `attempt ${given} after attempt ${attempt}`]);
      attempt = given;
      instance = event.instance;
      isHeld = true;
      continue;
    }
    const isOfOwner = event.op !== "add" && event.attempt !== undefined;
    if (isOfOwner && (event.attempt !== attempt || event.instance !== instance)) {
      findings.push([
        "staleAccepted",
        `${event.op} of attempt ${event.attempt} by ${event.instance}; the last claim was ${attempt} by ${instance}`,
      ]);
    }
    if (event.op === "progress" && !isHeld) findings.push(["staleAccepted", "progress while nobody held it"]);
    if (event.op === "complete" && !isHeld) findings.push(["staleAccepted", "complete while nobody held it"]);
    if (event.op === "requeue") isHeld = false;
  }
  return findings;
}

/** No `complete` from the timeout on (I10), no claim before its time or after an abort. */
export function times({ task, events, answers }: TaskHistory): readonly Finding[] {
  const findings: Finding[] = [];
  const aborted = answers.filter(({ call, status }) => call === "abort" && isSuccess(status));
  const abortedAtMs = Math.min(...aborted.map(({ answeredAtMs }) => answeredAtMs));
  for (const event of events) {
    const when = atMs(event);
    if (task !== undefined && event.op === "complete" && when >= task.timeoutAtMs) {
      findings.push(["completeAfterTimeout", `${when - task.timeoutAtMs} ms after its timeout`]);
    }
    if (event.op !== "ack") continue;
    if (when > abortedAtMs) findings.push(["runAfterAbort", `attempt ${event.attempt} ${when - abortedAtMs} ms later`]);
    const earlyMs = (task?.notBeforeAtMs ?? 0) - when;
    if (earlyMs > 0) findings.push(["tooEarly", `attempt ${event.attempt} was ${earlyMs} ms early`]);
  }
  return findings;
}

/** The events begin with `add`, and every run has its claim. */
export function completeness({ isAccepted, events, runs }: TaskHistory): readonly Finding[] {
  const findings: Finding[] = [];
  if ((isAccepted || events.length > 0) && events[0]?.op !== "add") {
    findings.push(["incompleteHistory", `the first event is ${events[0]?.op ?? "missing"}, not add`]);
  }
  const claimed = new Set(events.filter(({ op }) => op === "ack").map(({ attempt }) => attempt));
  for (const { attempt, pid } of runs) {
    if (!claimed.has(attempt)) findings.push(["incompleteHistory", `attempt ${attempt} ran (${pid}) without a claim`]);
  }
  return findings;
}
