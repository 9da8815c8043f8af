/**
 * The vocabulary of Mayfly: what a task is, the states it goes through, how it ends, and what is told of it.
 * Depends on zod alone and runs in a browser.
 *
 * ```ts
 * const task = taskSchema.parse({ id, scheduler: "hello", attributes: { name: "Ada" }, timeout: "2026-12-01T10:00:00Z" });
 * ```
 *
 * @packageDocumentation
 */
export { attributesSchema, schedulerNameSchema, type Task, taskIdSchema, taskSchema } from "./task.ts";
export { defaultTimeout, instantSchema, toInstant } from "./instant.ts";
export { findJsonFault, type JsonFault, type JsonObject, type JsonValue, maxJsonDepth } from "./json.ts";
export {
  type LiveState,
  liveStateSchema,
  type Outcome,
  outcomeSchema,
  type Reason,
  type ReasonCode,
  reasonCodeSchema,
  reasonSchema,
  type State,
  stateSchema,
} from "./state.ts";
export type { Announcement } from "./announcement.ts";
export { type Operation, transitions } from "./transition.ts";
export { type TaskView, taskViewSchema } from "./task-view.ts";
export { type EventOp, eventOpSchema, isTerminal, type TaskEvent, taskEventSchema } from "./task-event.ts";
export {
  type Instance,
  instanceSchema,
  type Registration,
  registrationSchema,
  type SchedulerView,
  schedulerViewSchema,
} from "./scheduler.ts";
