import type { History } from "../history.ts";
import { claims, completeness, endings, type Finding, singleEnd, times } from "./event-rules.ts";
import { content, outcome, views } from "./outcome-rules.ts";
import { leases, overlaps, ProcessTimes } from "./run-rules.ts";
import { taskHistories } from "./task-history.ts";
import type { Violation } from "./violation.ts";

/** Everything in a history that must not be; none when all is well. */
export function checkHistory(history: History): readonly Violation[] {
  const processes = new ProcessTimes(history);
  return [
    ...taskHistories(history).flatMap((task) =>
      [
        ...endings(task),
        ...singleEnd(task),
        ...claims(task),
        ...times(task),
        ...completeness(task),
        ...outcome(task),
        ...content(task),
        ...views(task),
        ...overlaps(task, processes),
        ...leases(task, processes),
      ].map(([rule, detail]: Finding) => ({ rule, detail, id: task.id })),
    ),
    ...history.eventGaps.map((detail): Violation => ({ rule: "incompleteHistory", detail })),
    ...history.exits
      .filter(({ isExpected }) => !isExpected)
      .map(({ name, code, signal }): Violation => {
        return { rule: "brokenProcess", detail: `${name} ended by itself (code ${code}, signal ${signal})` };
      }),
    ...history.answers
      .filter(({ status, problem }) => status === 500 || problem === "unexpected_answer")
      .map(({ id, api, call, status, problem }): Violation => {
        return { rule: "brokenProcess", id, detail: `${api} answered ${call} with ${status} ${problem}` };
      }),
  ];
}
