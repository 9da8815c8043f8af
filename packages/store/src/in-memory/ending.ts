import type { Reason } from "@mayfly/task";
import type { End } from "../owner.ts";
import type { TaskRecord } from "./task-record.ts";

/** How a task ends. */
export type Ending = End | { readonly outcome: "timeout" };

/**
 * The store has the last word on how a task ends: nothing but `timeout` once its timeout has come (I10), nothing but
 * `requested` once somebody has asked for its end, else what is wanted.
 */
export function decideEnding(record: TaskRecord, wanted: Ending, now: number): Ending {
  if (isPastTimeout(record, now)) return { outcome: "timeout" };
  if (record.state === "aborting") return { outcome: "aborted", reason: requested(record.abortMessage) };
  return wanted;
}

/** Whether the moment has come at which a task is removed if it is not done. */
export function isPastTimeout(record: TaskRecord, now: number): boolean {
  return now >= record.timeout;
}

/** Why a task ends that somebody wants to end. */
export function requested(message: string | undefined): Reason {
  return { code: "requested", message: message ?? "The task was aborted on request." };
}

/** Why a task ends whose owners vanished too often. */
export function lost(record: TaskRecord): Reason {
  return {
    code: "lost",
    message: `The task has failed ${record.failures} times; the last time its owner ${record.claim?.instance} vanished.`,
  };
}
