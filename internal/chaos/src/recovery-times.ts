import { atMs, isSuccess, type TaskHistory, taskHistories } from "./check/task-history.ts";
import type { FaultSpan, History, ProcessExit } from "./history.ts";
import { ProcessTimes } from "./check/run-rules.ts";

/** What is measured: from which moment to which. */
export const figures = {
  schedulerKilled: "scheduler killed → its task runs again",
  apiKilled: "API killed after the write → delivered",
  expiry: "timeout → removed",
  timeoutTold: "timeout → handler told to stop",
  abortTold: "abort sent → handler told to stop",
  brokerBack: "broker back → all delivered",
} as const;

/** See {@link figures}. */
export type Figure = keyof typeof figures;

/** One measurement. */
export interface Sample {
  readonly figure: Figure;
  readonly ms: number;
  /** Whether another fault than the one that is measured went on in that time, or just before. */
  readonly isDisturbed: boolean;
}

/** How long before a measurement a fault still counts as going on: connections come back, leases end. */
const aftermathMs = 10_000;

/** Everything in a history that can be measured. */
export function recoveryTimes(history: History): readonly Sample[] {
  const tasks = taskHistories(history);
  const processes = new ProcessTimes(history);
  const sample = (figure: Figure, fromMs: number, untilMs: number, own?: FaultSpan): Sample => ({
    figure,
    ms: Math.max(0, untilMs - fromMs),
    isDisturbed: history.faults.some(
      (fault) => fault !== own && fault.fromMs <= untilMs && fault.untilMs + aftermathMs >= fromMs,
    ),
  });
  const killed = history.exits.filter(({ signal }) => signal === "SIGKILL");
  return [
    ...killed.flatMap((exit) =>
      tasks.flatMap((task) => {
        const own = ownFault(exit, history.faults);
        const runs = runsAgain(task, exit, processes);
        const delivered = deliveredAfter(task, exit);
        return [
          ...(runs === undefined ? [] : [sample("schedulerKilled", exit.atMs, runs, own)]),
          ...(delivered === undefined ? [] : [sample("apiKilled", exit.atMs, delivered, own)]),
        ];
      }),
    ),
    ...tasks.flatMap((task) => expiryOf(task, sample)),
    ...tasks.flatMap((task) => abortOf(task, sample)),
    ...brokerReturns(tasks, history.faults, sample),
  ];
}

type Measure = (figure: Figure, fromMs: number, untilMs: number, own?: FaultSpan) => Sample;

function ownFault({ name, atMs: diedAtMs }: ProcessExit, faults: readonly FaultSpan[]): FaultSpan | undefined {
  return faults.find(({ target, fromMs, untilMs }) => target === name && fromMs <= diedAtMs && diedAtMs <= untilMs);
}

/** When a task runs again that the death of a process has stopped. */
function runsAgain({ runs }: TaskHistory, exit: ProcessExit, processes: ProcessTimes): number | undefined {
  const isStopped = runs.some((run) => run.pid === exit.pid && processes.endOf(run) === exit.atMs);
  if (!isStopped) return undefined;
  return runs.find(({ startedAtMs }) => startedAtMs > exit.atMs)?.startedAtMs;
}

/** When a task is claimed that an API had stored, but not answered for, when it died. */
function deliveredAfter({ task, answers, events }: TaskHistory, exit: ProcessExit): number | undefined {
  if (task?.notBeforeAtMs !== undefined) return undefined;
  const wasInFlight = answers.some(
    ({ call, api, status, sentAtMs, answeredAtMs }) =>
      call === "post" && api === exit.name && status === 0 && sentAtMs <= exit.atMs && exit.atMs <= answeredAtMs + 100,
  );
  const added = events.find(({ op }) => op === "add");
  const claimed = events.find(({ op }) => op === "ack");
  if (!wasInFlight || added === undefined || claimed === undefined) return undefined;
  return atMs(added) <= exit.atMs && atMs(claimed) >= exit.atMs ? atMs(claimed) : undefined;
}

function expiryOf({ task, end, runs }: TaskHistory, sample: Measure): readonly Sample[] {
  if (task === undefined || end?.op !== "timeout") return [];
  const told = runs.filter(({ code }) => code === "timeout").map(({ toldAtMs }) => toldAtMs ?? task.timeoutAtMs);
  return [
    sample("expiry", task.timeoutAtMs, atMs(end)),
    ...told.map((toldAtMs) => sample("timeoutTold", task.timeoutAtMs, toldAtMs)),
  ];
}

function abortOf({ answers, runs }: TaskHistory, sample: Measure): readonly Sample[] {
  const asked = answers.find(({ call, status }) => call === "abort" && isSuccess(status));
  const told = runs.find(({ code }) => code === "abort");
  if (asked?.status !== 202 || told?.toldAtMs === undefined) return [];
  return [sample("abortTold", asked.sentAtMs, told.toldAtMs)];
}

/** One sample for each outage of the broker: when the last task had been claimed that was accepted meanwhile. */
function brokerReturns(
  tasks: readonly TaskHistory[],
  faults: readonly FaultSpan[],
  sample: Measure,
): readonly Sample[] {
  return faults
    .filter(({ target }) => target === "broker")
    .flatMap((outage) => {
      const claimedAtMs = tasks
        .filter(({ task, events }) => {
          const added = events.find(({ op }) => op === "add");
          const isDuring = added !== undefined && atMs(added) >= outage.fromMs && atMs(added) <= outage.untilMs;
          return isDuring && task?.notBeforeAtMs === undefined;
        })
        .flatMap(({ events }) => events.find(({ op }) => op === "ack") ?? [])
        .map(atMs);
      return claimedAtMs.length === 0 ? [] : [sample("brokerBack", outage.untilMs, Math.max(...claimedAtMs), outage)];
    });
}
