import type { Task } from "@mayfly/task";

/**
 * What the work of a task does. `work` completes after `ms`; `fail` fails then; `reject` cannot run; `hang` goes on until
 * it is told to stop; `stubborn` does not hear that, and completes after `ms`; `report` reports progress on its way.
 */
export type Behaviour = "work" | "fail" | "reject" | "hang" | "stubborn" | "report";

/** What the attributes of a simulated task say. */
export interface Plan {
  readonly behaviour: Behaviour;
  /** How long it takes, in milliseconds. */
  readonly ms: number;
}

/** The plan of a task. */
export function planOf(task: Pick<Task, "attributes">): Plan {
  return { behaviour: task.attributes["behaviour"] as Behaviour, ms: task.attributes["ms"] as number };
}
