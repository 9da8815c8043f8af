import { contentHash, type ScheduleRequest } from "@mayfly/store";
import { defaultTimeout, instantSchema, type JsonObject, type Task, taskSchema, toInstant } from "@mayfly/task";
import { v4 as uuid } from "uuid";
import { z } from "zod";
import { DispatcherError } from "./dispatcher-error.ts";

/** What somebody wants to be done. */
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
 * Makes the store's request of what somebody wants. The HTTP API has checked it already; whoever calls the dispatcher in
 * his own process may not have.
 *
 * @throws DispatcherError `invalid_task` with the path of what is no task, or of a `notBefore` that is not before the
 * timeout
 */
export function toScheduleRequest(
  wanted: ScheduleTask,
  options: { readonly nowMs: number; readonly maxTimeoutMs: number; readonly retentionMs: number },
): ScheduleRequest {
  const task: Task = checked(taskSchema, {
    id: wanted.id ?? uuid(),
    attributes: wanted.attributes,
    scheduler: wanted.scheduler,
    timeout:
      wanted.timeout ??
      // A deployment that allows less than six hours would refuse its own default.
      toInstant(Math.min(Date.parse(sixHours(options.nowMs)), options.nowMs + options.maxTimeoutMs)),
  });
  const { notBefore } = checked(notBeforeSchema, { notBefore: wanted.notBefore });
  if (notBefore !== undefined && Date.parse(notBefore) >= Date.parse(task.timeout)) {
    throw new DispatcherError("invalid_task", `notBefore must be earlier than the timeout ${task.timeout}.`, {
      path: ["notBefore"],
    });
  }
  return {
    task,
    body: JSON.stringify(task),
    contentHash: contentHash(task),
    timeoutGiven: wanted.timeout !== undefined,
    notBefore: notBefore === undefined ? undefined : Date.parse(notBefore),
    maxTimeoutMs: options.maxTimeoutMs,
    retentionMs: options.retentionMs,
    announceToken: uuid(),
    traceparent: wanted.traceparent,
  };
}

const notBeforeSchema = z.object({ notBefore: instantSchema.optional() });

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const path = (error.issues[0]?.path ?? []).map((step) => (typeof step === "number" ? step : String(step)));
  throw new DispatcherError("invalid_task", `${path.join(".")} ${error.issues[0]?.message}.`, { path });
}
