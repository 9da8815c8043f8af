import { type Announcement, type JsonValue, type LiveState, type Task, type TaskView, toInstant } from "@mayfly/task";
import type { StoredHandle } from "../owner.ts";
import { definedMembers } from "./defined-members.ts";

/** A live task. Times are epoch milliseconds by the store's clock. */
export interface TaskRecord {
  readonly id: string;
  readonly scheduler: string;
  /** The Task as JSON text: the only copy, so that it cannot change (I5). */
  readonly body: string;
  readonly contentHash: string;
  readonly timeout: number;
  readonly notBefore: number | undefined;
  readonly scheduledAt: number;
  readonly retentionMs: number;
  readonly traceparent?: string | undefined;
  state: LiveState;
  /** Which announcement is the latest (I7). */
  announceToken: string;
  /** From when it may be claimed. */
  dueAt: number;
  /** The number of the latest claim, 0 before the first. */
  attempt: number;
  run: number;
  failures: number;
  /** The latest claim; kept after it has ended, to tell that owner how. */
  claim?: Claim | undefined;
  /** Whether it waits because its latest owner gave it up. */
  releasedByOwner: boolean;
  handle?: StoredHandle | undefined;
  /** Until when the log has what the work of the handle says; means nothing without one. */
  loggedAt?: number | undefined;
  /** JSON text. */
  progress?: string | undefined;
  abortMessage?: string | undefined;
}

/** What a claim has settled. */
interface Claim {
  readonly token: string;
  readonly instance: string;
  readonly leaseMs: number;
  readonly maxAttempts: number;
  readonly startedAt: number;
  leaseEndsAt: number;
}

/** A record that was never claimed; due when it was scheduled, unless it is for later. */
export function newRecord(known: KnownOfTask): TaskRecord {
  return {
    ...known,
    state: "scheduled",
    dueAt: known.notBefore ?? known.scheduledAt,
    attempt: 0,
    run: 1,
    failures: 0,
    releasedByOwner: false,
  };
}

/** What a record begins with. */
type KnownOfTask = Pick<
  TaskRecord,
  | "id"
  | "scheduler"
  | "body"
  | "contentHash"
  | "timeout"
  | "notBefore"
  | "scheduledAt"
  | "retentionMs"
  | "traceparent"
  | "announceToken"
>;

/** The stored task, a fresh copy each time. */
export function taskOf(record: TaskRecord): Task {
  return JSON.parse(record.body) as Task;
}

/** The announcement of a task as it stands. */
export function announcementOf(record: TaskRecord): Announcement {
  const { id, scheduler, body, announceToken: token, scheduledAt, attempt, traceparent } = record;
  return definedMembers({ id, scheduler, body, token, scheduledAt, attempt, traceparent });
}

/** A live task without its attributes. */
export function summaryOf(record: TaskRecord): TaskView {
  return definedMembers({
    id: record.id,
    scheduler: record.scheduler,
    timeout: toInstant(record.timeout),
    state: record.state,
    attempt: record.attempt === 0 ? undefined : record.attempt,
    scheduledAt: toInstant(record.scheduledAt),
    startedAt: record.claim && toInstant(record.claim.startedAt),
    instance: record.claim?.instance,
    progress: record.progress === undefined ? undefined : (JSON.parse(record.progress) as JsonValue),
  });
}

/** A live task with its attributes. */
export function viewOf(record: TaskRecord): TaskView {
  return { ...summaryOf(record), attributes: taskOf(record).attributes };
}
