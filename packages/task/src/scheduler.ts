import { z } from "zod";
import { instantSchema } from "./instant.ts";
import type { JsonObject } from "./json.ts";
import { attributesSchema, schedulerNameSchema } from "./task.ts";

/** What is known of a scheduler besides its name; given members replace, others stay. */
export const registrationSchema = z.strictObject({
  description: z.string().max(1_000).optional(),
  /** A JSON Schema for the attributes of its tasks. */
  attributesSchema: z
    .custom<JsonObject>((value) => attributesSchema.safeParse(value).success, { error: "must be an object" })
    .optional(),
  /** How many live tasks it may have. */
  maxTasks: z.int().min(1).optional(),
});
/** See {@link registrationSchema}. */
export interface Registration extends z.infer<typeof registrationSchema> {}

/** One running process of a scheduler. */
export const instanceSchema = z.object({
  /** `<scheduler>@<host>:<pid>:<6 random characters>`, new at each start. */
  id: z.string(),
  /** The kind of its runtime, such as `inline`. */
  runtime: z.string(),
  /** Where the work of its runtime can be found again, such as a host or a cluster; absent when nowhere. */
  scope: z.string().optional(),
  /** How many tasks it runs at a time. */
  concurrency: z.int().min(1),
  /** How many it runs now. */
  running: z.int().min(0),
  state: z.enum(["active", "draining"]),
  startedAt: instantSchema,
  seenAt: instantSchema,
});
/** See {@link instanceSchema}. */
export interface Instance extends z.infer<typeof instanceSchema> {}

/** A scheduler as the API shows it. */
export const schedulerViewSchema = z.object({
  name: schedulerNameSchema,
  ...registrationSchema.shape,
  /** Messages that wait in its queue; absent while the broker is away. */
  queue: z.object({ ready: z.int().min(0) }).optional(),
  tasks: z.object({ scheduled: z.int().min(0), running: z.int().min(0) }),
  instances: z.array(instanceSchema),
});
/** See {@link schedulerViewSchema}. */
export interface SchedulerView extends z.infer<typeof schedulerViewSchema> {}
