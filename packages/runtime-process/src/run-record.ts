import { z } from "zod";

const processSchema = z.object({ pid: z.int().min(2), start: z.number() });

/** What is noted down of a run, so that its processes are found when the process that started them has died. */
export const runRecordSchema = z.object({
  version: z.literal(1),
  taskId: z.string(),
  run: z.int(),
  attempt: z.int(),
  /** What tells the run of this claim from any other's, also one of the same attempt. */
  mark: z.string().min(1),
  /** When the run was noted down, by {@link hostMs}; 0 when an older version has done so. */
  notedAtMs: z.number().default(0),
  /** The process that started the run. */
  owner: processSchema,
  /** The process that leads the run's group; absent until it has started. */
  leader: processSchema.optional(),
});

/** See {@link runRecordSchema}. */
export interface RunRecord extends z.infer<typeof runRecordSchema> {}

/** The name of a run, for people. Two claims can have the same attempt: after the store has lost its data, attempts begin anew. */
export function runName({ taskId, run, attempt }: Pick<RunRecord, "taskId" | "run" | "attempt">): string {
  return `task-${taskId}-${run}-${attempt}`;
}

/** The name of a run that no other claim's has. Short, for commands may make sockets below a folder of this name. */
export function uniqueName(record: Pick<RunRecord, "taskId" | "run" | "attempt" | "mark">): string {
  return `${runName(record)}-${record.mark.slice(0, 8)}`;
}

/** Milliseconds on a clock that all processes of a host share, and that never goes back (CLOCK_MONOTONIC on Linux). */
export function hostMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Whether `record` was noted down after `other`. Of two, exactly one was. */
export function isLaterThan(record: RunRecord, other: RunRecord): boolean {
  return record.notedAtMs === other.notedAtMs ? record.mark > other.mark : record.notedAtMs > other.notedAtMs;
}
