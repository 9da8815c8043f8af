import type { Announcement } from "@mayfly/task";

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
