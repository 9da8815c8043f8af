import type { Task } from "@mayfly/task";
import type { RunContext } from "./run-context.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Linux takes at most 128 KiB in one variable (`MAX_ARG_STRLEN`); half of it leaves room for what an environment adds. */
const maxTaskBytes = 65_536;

/**
 * The environment variables from which a command learns which run it is, the same in every runtime: `MAYFLY_TASK_ID`,
 * `MAYFLY_ATTEMPT` and `MAYFLY_RUN` (`attempt` and `number` of the run), `MAYFLY_DEADLINE` (ISO 8601, UTC) and, where the
 * request had one, `TRACEPARENT` (OpenTelemetry, "Environment variables as context propagation carriers").
 */
export function runVariables(task: Task, run: RunContext): Record<string, string> {
  return {
    MAYFLY_TASK_ID: task.id,
    MAYFLY_ATTEMPT: String(run.attempt),
    MAYFLY_RUN: String(run.number),
    MAYFLY_DEADLINE: new Date(run.deadline).toISOString(),
    ...(run.traceparent === undefined ? {} : { TRACEPARENT: run.traceparent }),
  };
}

/**
 * The task as JSON in `MAYFLY_TASK`, for commands that get neither an input nor a file.
 *
 * @throws RuntimeError `rejected` when that is more than 64 KiB
 */
export function taskVariable(task: Task): { readonly MAYFLY_TASK: string } {
  const json = JSON.stringify(task);
  const bytes = Buffer.byteLength(json);
  if (bytes > maxTaskBytes)
    throw new RuntimeError(
      "rejected",
      `The task is ${bytes} bytes of JSON. The variable MAYFLY_TASK takes at most ${maxTaskBytes}; store what is large elsewhere.`,
    );
  return { MAYFLY_TASK: json };
}
