import { z } from "zod";

/** Where in the log of a task to begin, and whether to stay until its end. */
export const taskLogQuerySchema = z.strictObject({
  /** How many bytes of the log are left out: 0, or where an answer before went on. */
  from: z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number of bytes, 0 or more")
    .transform(Number)
    .pipe(z.int().min(0))
    .default(0),
  /** Whether what comes until the task is done is sent as it comes. */
  follow: z
    .enum(["true", "false"])
    .transform((word) => word === "true")
    .pipe(z.boolean())
    .default(false),
});

/** What a client of server-sent events says when it comes back. */
export const taskLogHeadersSchema = z.object({
  /** The `id` of the last event that it has; it comes before `from`. */
  "Last-Event-ID": taskLogQuerySchema.shape.from.unwrap().optional(),
});

/** The `data` of an event `log`, whose `id` is where the log goes on. */
export const logEventSchema = z.object({ text: z.string() });

/** The `data` of an event `end`: the last one, after which a client goes and does not come back. */
export const logEndSchema = z.object({
  /** Whether the task is done, and the log with it; else it was not asked to be followed. */
  done: z.boolean(),
});

/** The header that says where the log goes on, in bytes from its beginning. */
export const logNextHeader = "Mayfly-Log-Next";
