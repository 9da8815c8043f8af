import { schedulers } from "../deployment.ts";
import type { FaultSpan, History, ProcessExit } from "../history.ts";
import type { Finding } from "./event-rules.ts";
import { atMs, type Run, type TaskHistory } from "./task-history.ts";

/** How long after the end of its lease an owner may go on that was not hindered: what a busy machine costs a timer. */
const timerToleranceMs = 500;
/** How long a process that stood still may take to find out that it has lost its tasks. */
const awakeningMs = 2_000;

/** In which time a process did nothing, or was only just awake again. */
interface Pause {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Knows of each process when it stood still and when it died. */
export class ProcessTimes {
  readonly #pauses = new Map<number, Pause[]>();
  readonly #deaths: ReadonlyMap<number, number>;

  constructor({ faults, exits }: Pick<History, "faults" | "exits">) {
    for (const fault of faults) {
      if (isFreeze(fault)) for (const pid of fault.pids) this.#addPause(pid, fault);
    }
    this.#deaths = new Map(exits.map(({ pid, atMs }: ProcessExit) => [pid, atMs]));
  }

  /** Until when a run went on: it was told to stop, it ended, or its process did. */
  endOf(run: Run): number {
    return Math.min(
      run.toldAtMs ?? Number.POSITIVE_INFINITY,
      run.endedAtMs ?? Number.POSITIVE_INFINITY,
      this.#deaths.get(run.pid) ?? Number.POSITIVE_INFINITY,
    );
  }

  /** How much of a time a process was awake. */
  awakeMs(pid: number, fromMs: number, untilMs: number): number {
    let awakeMs = Math.max(0, untilMs - fromMs);
    for (const pause of this.#pauses.get(pid) ?? []) {
      awakeMs -= Math.max(0, Math.min(untilMs, pause.untilMs) - Math.max(fromMs, pause.fromMs));
    }
    return Math.max(0, awakeMs);
  }

  #addPause(pid: number, { fromMs, untilMs }: FaultSpan): void {
    const pauses = this.#pauses.get(pid) ?? [];
    pauses.push({ fromMs, untilMs: untilMs + awakeningMs });
    this.#pauses.set(pid, pauses);
  }
}

function isFreeze({ kind }: FaultSpan): boolean {
  return kind.startsWith("freeze-") || kind === "purge-queue" || kind === "delete-queue";
}

/** A task is run by one owner at a time, and once for each claim. */
export function overlaps({ runs }: TaskHistory, processes: ProcessTimes): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, run] of runs.entries()) {
    for (const later of runs.slice(index + 1)) {
      if (later.attempt === run.attempt) {
        findings.push(["overlappingRuns", `attempt ${run.attempt} was run twice (${run.pid}, ${later.pid})`]);
        continue;
      }
      if (later.attempt < run.attempt) {
        const lateMs = processes.awakeMs(later.pid, run.startedAtMs, later.startedAtMs);
        if (lateMs > timerToleranceMs) {
          findings.push([
            "overlappingRuns",
            `attempt ${later.attempt} began ${lateMs} ms after attempt ${run.attempt}`,
          ]);
        }
        continue;
      }
      const overlapMs = processes.awakeMs(run.pid, later.startedAtMs, processes.endOf(run));
      if (overlapMs > timerToleranceMs) {
        findings.push(["overlappingRuns", `attempts ${run.attempt} and ${later.attempt} for ${overlapMs} ms`]);
      }
    }
  }
  return findings;
}

/** No task is taken from an owner that still runs it before the lease can have ended that its claim has begun (I3). */
export function leases({ task, events, runs }: TaskHistory, processes: ProcessTimes): readonly Finding[] {
  if (task === undefined) return [];
  const { leaseMs } = schedulers[task.scheduler];
  return events.flatMap((event): readonly Finding[] => {
    const claim = events.find(({ op, attempt }) => op === "ack" && attempt === event.attempt);
    const run = runs.find(({ attempt }) => attempt === event.attempt);
    if (event.op !== "requeue" || claim === undefined || run === undefined) return [];
    const heldMs = atMs(event) - atMs(claim);
    const isStillOwned = run.startedAtMs < atMs(event) && processes.endOf(run) > atMs(event);
    if (heldMs >= leaseMs || !isStillOwned) return [];
    return [["overlappingLeases", `attempt ${event.attempt} was taken from its owner after ${heldMs} ms`]];
  });
}
