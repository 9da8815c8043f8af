import { z } from "zod";

/** The answer of a process that is up. */
export const healthSchema = z.object({ status: z.literal("ok") });

const checkSchema = z.enum(["ok", "unavailable"]);

/**
 * Whether a process can do its work. `degraded`: the broker is away, tasks are stored and announced later.
 * `unavailable`: the store is away, store or broker have not been reached yet, or the process is shutting down.
 */
export const readinessSchema = z.object({
  status: z.enum(["ok", "degraded", "unavailable"]),
  checks: z.object({ store: checkSchema, broker: checkSchema }),
});
/** See {@link readinessSchema}. */
export interface ReadinessView extends z.infer<typeof readinessSchema> {}
