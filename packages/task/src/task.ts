import { z } from "zod";
import { instantSchema } from "./instant.ts";
import { findJsonFault, type JsonObject } from "./json.ts";

/** A task's identifier: a UUID of any version, in lower case. Mayfly makes version 4. */
export const taskIdSchema = z.guid({ error: "must be a UUID" }).toLowerCase();

/** A scheduler's name, which is also the name of its queue: `^[a-z0-9][a-z0-9._-]{0,62}$`, but not `amq.*`, `mayfly.*`. */
export const schedulerNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    "must be 1 to 63 of a-z, 0-9, dot, underscore and hyphen, and start with a letter or a digit",
  )
  .refine((name) => !/^(amq|mayfly)\./.test(name), "must not start with amq. or mayfly., which are reserved");

/** What a task is about: any JSON object, at most 32 deep, with no member named `__proto__`. Mayfly never looks inside. */
export const attributesSchema = z
  .custom<JsonObject>((value) => typeof value === "object" && value !== null && !Array.isArray(value), {
    error: "must be an object",
  })
  .superRefine((attributes, context) => {
    const fault = findJsonFault(attributes);
    if (fault !== undefined) context.addIssue({ code: "custom", path: [...fault.path], message: fault.message });
  });

/** A task as it is scheduled. It never changes. */
export const taskSchema = z.strictObject({
  id: taskIdSchema,
  attributes: attributesSchema,
  scheduler: schedulerNameSchema,
  timeout: instantSchema,
});

/**
 * A short-lived object that says what should be done: read-only from its creation until it is done and deleted.
 * `timeout` is the moment, as an ISO 8601 string in UTC, at which it is removed if it is not done.
 */
export interface Task extends z.infer<typeof taskSchema> {}
