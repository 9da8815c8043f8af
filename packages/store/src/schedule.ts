import type { Announcement, Task, TaskView } from "@mayfly/task";

/** A task to be accepted. */
export interface ScheduleRequest {
  readonly task: Task;
  /** `task` as JSON text: exactly this is stored and announced (I5). */
  readonly body: string;
  /** {@link contentHash} of the task. */
  readonly contentHash: string;
  /** Whether the creator gave the timeout: then a repeat with another one is a conflict. */
  readonly timeoutGiven: boolean;
  /**
   * When it is to be announced at the earliest, in epoch milliseconds, if the creator said so; a past one counts as none.
   * A repeat with another one that lies ahead is a conflict.
   */
  readonly notBefore?: number | undefined;
  /** How far ahead the timeout may be, in milliseconds. */
  readonly maxTimeoutMs: number;
  /** How long its tombstone is kept once it is done, in milliseconds. */
  readonly retentionMs: number;
  /** The first announce token. */
  readonly announceToken: string;
  readonly traceparent?: string | undefined;
}

/**
 * `scheduled`: accepted; it is to be announced now if `dueInMs` is 0, and the sweeper does it if nobody else has (5 s
 * later). `exists`: a task of this id and equal content is there, alive or done. `conflict`: one of other content.
 * `timeout_passed`, `timeout_too_far`: refused by the store's clock. Nothing is stored unless `scheduled`.
 */
export type ScheduleAnswer =
  | {
      readonly answer: "scheduled";
      readonly view: TaskView;
      readonly announcement: Announcement;
      readonly dueInMs: number;
    }
  | { readonly answer: "exists"; readonly view: TaskView }
  | { readonly answer: "conflict" | "timeout_passed" | "timeout_too_far" };

/**
 * `ended`: done, now or before; as `timeout` if that has come. `aborting`: its owner has been told, and the first message
 * counts. `unknown`: there is no such task.
 */
export type AbortAnswer =
  | { readonly answer: "ended" | "aborting"; readonly view: TaskView }
  | { readonly answer: "unknown" };
