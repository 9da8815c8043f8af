import { z } from "zod";

/**
 * Where a task stands. `scheduled`: stored, waits for a scheduler (or for its time). `running`: a scheduler owns it.
 * `aborting`: its owner has been told to stop. `done`: its record is deleted and a summary is left for a while.
 */
export const stateSchema = z.enum(["scheduled", "running", "aborting", "done"]);
/** See {@link stateSchema}. */
export type State = z.infer<typeof stateSchema>;

/** The states of a task that is not done. */
export const liveStateSchema = stateSchema.exclude(["done"]);
/** See {@link liveStateSchema}. */
export type LiveState = z.infer<typeof liveStateSchema>;

/** How a task ended. */
export const outcomeSchema = z.enum(["complete", "aborted", "timeout"]);
/** See {@link outcomeSchema}. */
export type Outcome = z.infer<typeof outcomeSchema>;

/**
 * Why a task was aborted. `requested`: somebody asked. `rejected`: its scheduler cannot run it. `failed`: the work
 * itself failed. `runtime`: the infrastructure failed. `lost`: its owners vanished too often. `undeliverable`: nobody
 * could read it.
 */
export const reasonCodeSchema = z.enum(["requested", "rejected", "failed", "runtime", "lost", "undeliverable"]);
/** See {@link reasonCodeSchema}. */
export type ReasonCode = z.infer<typeof reasonCodeSchema>;

/** Why a task was aborted, with a sentence for people. */
export const reasonSchema = z.object({ code: reasonCodeSchema, message: z.string().optional() });
/** See {@link reasonSchema}. */
export type Reason = z.infer<typeof reasonSchema>;
