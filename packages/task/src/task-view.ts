import { z } from "zod";
import { instantSchema } from "./instant.ts";
import type { JsonValue } from "./json.ts";
import { outcomeSchema, reasonSchema, stateSchema } from "./state.ts";
import { attributesSchema, taskSchema } from "./task.ts";

const jsonValueSchema = z.custom<JsonValue>((value) => value !== undefined);

/**
 * A task and how it fares. Members that do not apply are absent. The first four are the Task; `attributes` is absent
 * in lists and once the task is done, for then its record is deleted.
 */
export const taskViewSchema = z.object({
  id: taskSchema.shape.id,
  attributes: attributesSchema.optional(),
  scheduler: taskSchema.shape.scheduler,
  timeout: instantSchema,
  state: stateSchema,
  /** The number of the latest claim, from 1; absent before the first. */
  attempt: z.int().min(1).optional(),
  scheduledAt: instantSchema,
  startedAt: instantSchema.optional(),
  /** Which instance of the scheduler runs it, or ran it last. */
  instance: z.string().optional(),
  /** What the handler reported last. */
  progress: jsonValueSchema.optional(),
  outcome: outcomeSchema.optional(),
  /** What the handler returned, up to 16 KiB of JSON. */
  result: jsonValueSchema.optional(),
  /** True when the handler returned more than that. */
  resultDropped: z.literal(true).optional(),
  /** Only with the outcome `aborted`. */
  reason: reasonSchema.optional(),
  endedAt: instantSchema.optional(),
});

/** See {@link taskViewSchema}. */
export interface TaskView extends z.infer<typeof taskViewSchema> {}
