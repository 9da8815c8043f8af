import { z } from "zod";
import { instantSchema } from "./instant.ts";
import { outcomeSchema, reasonSchema } from "./state.ts";
import { taskSchema } from "./task.ts";

/**
 * What happened to a task. `add`: scheduled. `ack`: accepted by a scheduler. `requeue`: waits again. `progress`.
 * The last three are terminal, each task has exactly one of them and nothing follows it.
 */
export const eventOpSchema = z.enum(["add", "ack", "requeue", "progress", "complete", "abort", "timeout"]);
/** See {@link eventOpSchema}. */
export type EventOp = z.infer<typeof eventOpSchema>;

/** One step in the life of a task, as it is told to those who watch. */
export const taskEventSchema = z.object({
  op: eventOpSchema,
  id: taskSchema.shape.id,
  scheduler: taskSchema.shape.scheduler,
  at: instantSchema,
  attempt: z.int().min(1).optional(),
  instance: z.string().optional(),
  outcome: outcomeSchema.optional(),
  reason: reasonSchema.optional(),
});
/** See {@link taskEventSchema}. */
export interface TaskEvent extends z.infer<typeof taskEventSchema> {}

/** Whether nothing follows an event of this op. */
export function isTerminal(op: EventOp): boolean {
  return op === "complete" || op === "abort" || op === "timeout";
}
