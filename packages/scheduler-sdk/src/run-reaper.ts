import { isDeepStrictEqual } from "node:util";
import { isRecoverable, type Owned, Reaper, type Recoverable, type Runtime, type Standing } from "@mayfly/runtime";
import type { Clock, Logger } from "@mayfly/service";
import type { TaskStore } from "@mayfly/store";

/** What removes what `runtime` still has of tasks that do not need it, as the store says; undefined if it outlives nothing. */
export function runReaper(options: {
  /** The name of the scheduler. */
  readonly name: string;
  readonly store: TaskStore;
  readonly runtime: Runtime;
  readonly graceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}): Reaper | undefined {
  const { name, store, runtime, graceMs, clock, logger } = options;
  if (!isRecoverable(runtime)) return undefined;
  const standingOf = (found: Owned): Promise<Standing> => standingIn(store, { name, runtime, found });
  return new Reaper({ runtime, standingOf, graceMs, clock, logger });
}

async function standingIn(
  store: TaskStore,
  { name, runtime, found }: { readonly name: string; readonly runtime: Runtime & Recoverable; readonly found: Owned },
): Promise<Standing> {
  const current = await store.currentRun(found.taskId);
  if (current.answer !== "lives") {
    // Another deployment, with a store of its own, may use this environment too.
    const isOurs = found.scheduler === name || (await isKnown(store, found));
    if (!isOurs) return "wanted";
    return current.answer === "gone" ? "gone" : "unwanted";
  }
  const { run, handle } = current;
  // Until its handle is stored, a run is found by its name.
  if (handle === undefined) return run === found.run ? "wanted" : "unwanted";
  const isHere = handle.runtime === runtime.kind && handle.scope === runtime.scope;
  return isHere && isDeepStrictEqual(handle.handle, found.handle) ? "wanted" : "unwanted";
}

/** Whether the store has heard of the run's scheduler, or, if that has been removed since, of its task. */
async function isKnown(store: TaskStore, { scheduler, taskId }: Owned): Promise<boolean> {
  return (await store.findRegistration(scheduler)) !== undefined || (await store.find(taskId)) !== undefined;
}
