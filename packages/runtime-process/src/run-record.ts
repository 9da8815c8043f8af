import { z } from "zod";

const processSchema = z.object({ pid: z.int().min(2), start: z.number() });

/** What is noted down of a run, so that its processes are found when the process that started them has died. */
export const runRecordSchema = z.object({
  version: z.literal(1),
  taskId: z.string(),
  run: z.int(),
  attempt: z.int(),
  mark: z.string().min(1),
  /** The process that started the run. */
  owner: processSchema,
  /** The process that leads the run's group; absent until it has started. */
  leader: processSchema.optional(),
});

/** See {@link runRecordSchema}. */
export interface RunRecord extends z.infer<typeof runRecordSchema> {}

/** The name of a run: an owner that comes later has a name of its own. */
export function runName({ taskId, run, attempt }: Pick<RunRecord, "taskId" | "run" | "attempt">): string {
  return `task-${taskId}-${run}-${attempt}`;
}
