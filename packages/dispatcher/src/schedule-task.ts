import { contentHash, type ScheduleRequest } from "@mayfly/store";
import { defaultTimeout, type JsonObject, type Task, toInstant } from "@mayfly/task";
import { v4 as uuid } from "uuid";
import { DispatcherError } from "./dispatcher-error.ts";

/** What somebody wants to be done. Shape and names have been checked (`@mayfly/http-contract`, or the types). */
export interface ScheduleTask {
  /** The name of a registered scheduler. */
  readonly scheduler: string;
  readonly attributes: JsonObject;
  /** ISO 8601, UTC. @defaultValue now + 6 h */
  readonly timeout?: string | undefined;
  /** A UUID; the same id makes a repeat safe. @defaultValue a new UUID v4 */
  readonly id?: string | undefined;
  /** ISO 8601, UTC: run it no earlier. A past one counts as none. */
  readonly notBefore?: string | undefined;
  /** W3C Trace Context, handed on to the handler. */
  readonly traceparent?: string | undefined;
}

const sixHours = defaultTimeout({ hours: 6 });

/**
 * Makes the store's request of what somebody wants.
 *
 * @throws DispatcherError `invalid_task` when `notBefore` is not before the timeout
 */
export function toScheduleRequest(
  wanted: ScheduleTask,
  options: { readonly nowMs: number; readonly maxTimeoutMs: number; readonly retentionMs: number },
): ScheduleRequest {
  const task: Task = {
    id: wanted.id ?? uuid(),
    attributes: wanted.attributes,
    scheduler: wanted.scheduler,
    timeout:
      wanted.timeout ??
      // A deployment that allows less than six hours would refuse its own default.
      toInstant(Math.min(Date.parse(sixHours(options.nowMs)), options.nowMs + options.maxTimeoutMs)),
  };
  const notBefore = wanted.notBefore === undefined ? undefined : Date.parse(wanted.notBefore);
  if (notBefore !== undefined && notBefore >= Date.parse(task.timeout)) {
    throw new DispatcherError("invalid_task", `notBefore must be earlier than the timeout ${task.timeout}.`, {
      path: ["notBefore"],
    });
  }
  return {
    task,
    body: JSON.stringify(task),
    contentHash: contentHash(task),
    timeoutGiven: wanted.timeout !== undefined,
    notBefore,
    maxTimeoutMs: options.maxTimeoutMs,
    retentionMs: options.retentionMs,
    announceToken: uuid(),
    traceparent: wanted.traceparent,
  };
}
