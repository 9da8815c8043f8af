import type { TaskEvent, TaskView } from "@mayfly/task";
import type { PlannedTask } from "./task-plan.ts";

/** Everything that is known of a run, from every side; all times are epoch milliseconds of the one host. */
export interface History {
  readonly tasks: readonly PostedTask[];
  readonly answers: readonly ApiAnswer[];
  /** Those of one task in the order in which they happened. */
  readonly events: readonly TaskEvent[];
  readonly runs: readonly RunLine[];
  readonly faults: readonly FaultSpan[];
  readonly exits: readonly ProcessExit[];
  /** What could not be read of the events. */
  readonly eventGaps: readonly string[];
}

/** A task that has been posted at least once. */
export interface PostedTask extends PlannedTask {
  readonly timeoutAtMs: number;
  readonly notBeforeAtMs?: number;
}

/**
 * A call of the API. `post`: the task as it is planned. `conflict`: another content under its id. `final`: a look at it
 * when everything is over.
 */
export interface ApiAnswer {
  readonly call: "post" | "conflict" | "abort" | "view" | "final";
  readonly id: string;
  /** Which process was asked. */
  readonly api: string;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly view?: TaskView;
  readonly problem?: string;
}

/**
 * A line of a handler's journal. `start`: it was called. `stop`: it was told to end early. `returned`, `threw`: how it
 * ended.
 */
export interface RunLine {
  readonly atMs: number;
  readonly id: string;
  readonly attempt: number;
  readonly pid: number;
  readonly what: "start" | "stop" | "returned" | "threw";
  /** Why it was told to stop. */
  readonly code?: string;
  /** What the handler was given: {@link contentOf} of the attributes. */
  readonly content?: string;
}

/** A fault that was injected; `untilMs` is when it had been undone. */
export interface FaultSpan {
  readonly number: number;
  readonly kind: string;
  readonly target: string;
  /** The processes that were killed, or that stood still, in that time. */
  readonly pids: readonly number[];
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The end of a process. */
export interface ProcessExit {
  readonly name: string;
  readonly pid: number;
  readonly atMs: number;
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether a fault, or the end of the run, has ended it in that way. */
  readonly isExpected: boolean;
}
