/**
 * The handlers of the schedulers of a run. Each writes what it does to a journal that outlives its process, for that is
 * what has really run.
 *
 * @packageDocumentation
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type HandlerContext, StopReason } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";
import { contentOf } from "./content.ts";
import type { RunLine } from "./history.ts";

/** Takes `attributes.ms`; fails in its first `attributes.failures` attempts; reports `attributes.steps` steps. */
export async function work(task: Task, run: HandlerContext): Promise<unknown> {
  record(task, run, { what: "start", content: contentOf(task.attributes) });
  const onStop = (): void => {
    const reason: unknown = run.signal.reason;
    record(task, run, { what: "stop", code: StopReason.is(reason) ? reason.code : "unknown" });
  };
  if (run.signal.aborted) onStop();
  else run.signal.addEventListener("abort", onStop, { once: true });
  try {
    const steps = Number(task.attributes["steps"] ?? 1);
    for (let step = 1; step <= steps; step++) {
      if (steps > 1) run.progress({ step });
      await sleep(Number(task.attributes["ms"]) / steps, undefined, { signal: run.signal });
    }
    if (run.attempt <= Number(task.attributes["failures"] ?? 0)) throw new Error("This task was made to fail.");
  } catch (error) {
    record(task, run, { what: "threw" });
    throw error;
  } finally {
    run.signal.removeEventListener("abort", onStop);
  }
  record(task, run, { what: "returned" });
  return { attempt: run.attempt, pid: process.pid };
}

/** Takes `attributes.ms` and fails. */
export async function fail(task: Task, run: HandlerContext): Promise<never> {
  record(task, run, { what: "start", content: contentOf(task.attributes) });
  await sleep(Number(task.attributes["ms"]), undefined, { signal: run.signal }).catch((error: unknown) => {
    record(task, run, { what: "stop", code: "stopped" });
    throw error;
  });
  record(task, run, { what: "threw" });
  throw new Error("This task was made to fail.");
}

/** Says that the task cannot run here. */
export function refuse(task: Task, run: HandlerContext): never {
  record(task, run, { what: "start", content: contentOf(task.attributes) });
  record(task, run, { what: "threw" });
  return run.reject("This task was made to be rejected.");
}

function record(task: Task, run: HandlerContext, rest: Pick<RunLine, "what" | "code" | "content">): void {
  const line: RunLine = { atMs: Date.now(), id: task.id, attempt: run.attempt, pid: process.pid, ...rest };
  const folder = process.env["MAYFLY_CHAOS_JOURNALS"];
  if (folder === undefined) throw new Error("MAYFLY_CHAOS_JOURNALS must say where the journals are.");
  appendFileSync(join(folder, `${process.pid}.ndjson`), `${JSON.stringify(line)}\n`);
}
