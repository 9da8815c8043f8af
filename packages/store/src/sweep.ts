import type { Announcement, TaskView } from "@mayfly/task";

/** One pass over a shard. */
export interface SweepRequest {
  /** From 0. */
  readonly shard: number;
  /** At most this many tasks, 1 to 100. */
  readonly limit: number;
}

/** What a pass did. */
export interface SweepAnswer {
  /** The tasks that it changed. */
  readonly ids: readonly string[];
  /** When the next one is due, in milliseconds from now; absent when none waits. */
  readonly nextInMs?: number | undefined;
}

/** What is to be announced. */
export interface DueAnswer {
  readonly announcements: readonly Announcement[];
  /** When the next one is due, in milliseconds from now; absent when none waits. */
  readonly nextInMs?: number | undefined;
}

/** A request of {@link TaskStore.stalled}. */
export interface StalledRequest extends SweepRequest {
  /** For how long they have been announced at least, in milliseconds. */
  readonly ageMs: number;
  /** Leaves out so many, the longest stalled: for the next page. @defaultValue 0 */
  readonly skip?: number | undefined;
}

/** A task that waits although it was announced long ago. */
export interface StalledTask {
  readonly id: string;
  readonly scheduler: string;
  /** The token of its latest announcement. */
  readonly token: string;
  /**
   * Whether a task of the same scheduler and shard that was announced `ageMs` later at least has been claimed: queues are
   * first in, first out, so its message is no longer there.
   */
  readonly isOvertaken: boolean;
}

/** A message that no scheduler could take, as it comes back from the dead letters. */
export interface UndeliveredRequest {
  readonly id: string;
  /** The announce token of the message: only that of the latest announcement says something about the task. */
  readonly token: string;
  /** When the task was scheduled, by the store's clock, if the message says it: tells `lost` from `gone`. */
  readonly scheduledAt?: number | undefined;
  /** After how long it is announced again, in milliseconds. */
  readonly delayMs: number;
  /** How many failures end the task; 1 ends it at once. */
  readonly maxFailures: number;
  /** Why it was not delivered: the `message` of the reason when that ends it. */
  readonly message: string;
}

/**
 * `released`: one failure more, and it waits to be announced again. `ended`: its failures are used up, or its timeout has
 * come. `stale`: the task is owned, or has been announced anew since; nothing has changed. `gone`: it is done, or was
 * never scheduled. `lost`: the store has lost the record; the message is to be published again, and its claim recreates
 * the task.
 */
export type UndeliveredAnswer =
  | { readonly answer: "released" | "stale" | "gone" | "lost" }
  | { readonly answer: "ended"; readonly view: TaskView };
