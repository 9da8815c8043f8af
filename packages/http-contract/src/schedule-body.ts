import { attributesSchema, instantSchema, schedulerNameSchema, taskIdSchema, taskViewSchema } from "@mayfly/task";
import { z } from "zod";
import { problemSchema } from "./problem.ts";

/** How many tasks one batch may have. */
export const maxBatchTasks = 1_000;

/** A task to be scheduled. */
export const scheduleBodySchema = z.strictObject({
  scheduler: schedulerNameSchema,
  attributes: attributesSchema,
  /** When it is removed if it is not done; now + 6 h when it is not given. */
  timeout: instantSchema.optional(),
  /** Repeating a request with the same id schedules once; a new UUID when it is not given. */
  id: taskIdSchema.optional(),
  /** It runs no earlier; a time in the past counts as none. */
  notBefore: instantSchema.optional(),
});
/** See {@link scheduleBodySchema}; as it is sent. */
export interface ScheduleBody extends z.input<typeof scheduleBodySchema> {}

/** Many tasks to be scheduled at once. */
export const scheduleBatchSchema = z.strictObject({
  tasks: z.array(scheduleBodySchema).min(1).max(maxBatchTasks),
});

/** What of a batch must be right for its tasks to be looked at, each of which may then fail alone. */
export const scheduleBatchEnvelopeSchema = z.strictObject({
  tasks: z.array(z.unknown()).min(1).max(maxBatchTasks),
});

/** What became of one task of a batch: the same status and body as if it had been scheduled alone. */
export const scheduleResultSchema = z.union([
  z.object({ status: z.literal([200, 201, 202]), task: taskViewSchema }),
  z.object({ status: z.int().min(400).max(499), error: problemSchema }),
]);
/** See {@link scheduleResultSchema}. */
export type ScheduleResult = z.infer<typeof scheduleResultSchema>;

/** What became of a batch, in its order. */
export const scheduleResultsSchema = z.object({ results: z.array(scheduleResultSchema) });
