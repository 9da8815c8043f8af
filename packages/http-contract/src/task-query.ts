import { liveStateSchema, schedulerNameSchema, taskIdSchema, taskViewSchema } from "@mayfly/task";
import { z } from "zod";

/** The longest time for which one request waits for a task, in seconds. */
export const maxWaitSeconds = 60;

/** The path parameter of everything about one task. */
export const taskParamsSchema = z.object({ id: taskIdSchema });

/** How to look at a task. */
export const findTaskQuerySchema = z.strictObject({
  /** How long to wait for its end, in seconds. */
  wait: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, `must be a number of seconds from 0 to ${maxWaitSeconds}`)
    .transform(Number)
    .pipe(z.number().min(0).max(maxWaitSeconds))
    .optional(),
});

/** Which live tasks to list. */
export const listTasksQuerySchema = z.strictObject({
  scheduler: schedulerNameSchema.optional(),
  state: liveStateSchema.optional(),
  limit: z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number from 1 to 500")
    .transform(Number)
    .pipe(z.int().min(1).max(500))
    .default(50),
  /** The `cursor` of the page before. */
  cursor: z.string().min(1).max(2_000).optional(),
});

/** A page of live tasks, newest first, without their attributes. */
export const taskPageSchema = z.object({
  tasks: z.array(taskViewSchema),
  /** For the next page; absent on the last. */
  cursor: z.string().optional(),
});
/** See {@link taskPageSchema}. */
export interface TaskPage extends z.infer<typeof taskPageSchema> {}

/** Why a task is to be aborted. */
export const abortBodySchema = z.strictObject({
  /** A sentence for people; it becomes `reason.message` of the task. */
  reason: z.string().max(1_000).optional(),
});
