import type { Clock } from "@mayfly/service";
import type { TaskRun } from "./task-run.ts";

/** How long before the end of the grace what runs is told to stop, and how long before it is abandoned. */
const stopLeadMs = 5_000;
const abandonLeadMs = 2_000;

/**
 * Ends the runs of a scheduler within `graceMs`: they may finish, then they are told to stop, then they are abandoned.
 * A grace that is too short for these leads is split in halves and fifths instead.
 */
export async function drain(options: {
  readonly graceMs: number;
  readonly clock: Clock;
  /** Resolves when no further delivery will come. */
  readonly cancel: () => Promise<void>;
  /** The runs that are under way. */
  readonly runs: () => Iterable<TaskRun>;
  /** Resolves when no delivery is handled any more. */
  readonly idle: () => Promise<void>;
}): Promise<void> {
  const { graceMs, clock, runs } = options;
  const endMs = clock.monotonicMs() + graceMs;
  const idle = options.cancel().then(options.idle);
  const idleOrLead = (leadMs: number): Promise<boolean> =>
    isDoneWithin(idle, endMs - leadMs - clock.monotonicMs(), clock);
  if (await idleOrLead(Math.min(stopLeadMs, graceMs / 2))) return;
  for (const run of runs()) run.stop("shutdown");
  if (await idleOrLead(Math.min(abandonLeadMs, graceMs / 5))) return;
  for (const run of runs()) run.abandon();
  await idleOrLead(0);
}

/** Whether `step` resolves within `limitMs`. */
async function isDoneWithin(step: Promise<void>, limitMs: number, clock: Clock): Promise<boolean> {
  const decided = new AbortController();
  const isDone = await Promise.race([
    step.then(() => true),
    clock.sleep(limitMs, { signal: decided.signal }).then(() => false),
  ]);
  decided.abort();
  return isDone;
}
