import { parseArgs } from "node:util";
import { type FaultKind, faultKinds } from "./fault-plan.ts";

/** What a run is asked to do. */
export interface ChaosOptions {
  readonly tasks: number;
  readonly faults: number;
  readonly seed: number;
  /** Whether the history is kept although nothing was wrong. */
  readonly keep: boolean;
  /** When a run that has not ended counts as failed, in seconds. */
  readonly deadlineS: number;
  /** The kinds of faults that are injected. */
  readonly only: readonly FaultKind[];
}

/** What can be given, for whoever gives something else. */
export const usage =
  "npm run chaos -- [--tasks N] [--faults N] [--seed N] [--deadline-s N] [--only KIND,KIND] [--keep]";

/** @throws Error with what is wrong */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tasks: { type: "string", default: "5000" },
      faults: { type: "string", default: "32" },
      seed: { type: "string", default: "1" },
      "deadline-s": { type: "string" },
      only: { type: "string" },
      keep: { type: "boolean", default: false },
    },
  });
  const tasks = wholeNumber("tasks", values.tasks, 1);
  const faults = wholeNumber("faults", values.faults, 0);
  return {
    tasks,
    faults,
    seed: wholeNumber("seed", values.seed, 0),
    keep: values.keep,
    deadlineS: wholeNumber("deadline-s", values["deadline-s"] ?? String(defaultDeadlineS(tasks, faults)), 1),
    only: values.only?.split(",").map(kindOf) ?? faultKinds,
  };
}

/** The arguments that repeat a run. */
export function argumentsOf({ tasks, faults, seed, only }: ChaosOptions): string {
  const kinds = only === faultKinds ? "" : ` --only ${only.join(",")}`;
  return `--tasks ${tasks} --faults ${faults} --seed ${seed}${kinds}`;
}

/** Generous: the start, thirty seconds for each fault that hinders all others, the load, and the wait for the last task. */
function defaultDeadlineS(tasks: number, faults: number): number {
  return Math.ceil(180 + 10 * faults + tasks / 20);
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min)) throw new Error(`--${name} must be a whole number of at least ${min}, not ${text}.`);
  return value;
}

function kindOf(text: string): FaultKind {
  const kind = faultKinds.find((known) => known === text);
  if (kind === undefined) throw new Error(`There is no fault ${text}; there are ${faultKinds.join(", ")}.`);
  return kind;
}
