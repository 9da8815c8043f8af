import type { JsonValue, Reason, TaskView } from "@mayfly/task";

/** Proves who owns a task: the attempt and the claim token of its latest claim (I3, I4). */
export interface Owner {
  readonly id: string;
  readonly attempt: number;
  readonly token: string;
  /** When the task was scheduled, in epoch milliseconds by the store's clock. */
  readonly scheduledAt: number;
}

/** Finds work again, in the environment that a runtime of this kind and scope reaches. */
export interface StoredHandle {
  /** The kind of the runtime. */
  readonly runtime: string;
  /** Which host or cluster; absent when only the process that started it can reach it. */
  readonly scope?: string | undefined;
  readonly handle: JsonValue;
}

/** How a claim names a scope of a kind of runtime: `<kind>:<scope>`. */
export function scopeName(runtime: string, scope: string): string {
  return `${runtime}:${scope}`;
}

/**
 * What the owner of a task knows of it: enough to write its record back when the store has lost it.
 */
export interface OwnerCopy {
  readonly owner: Owner;
  readonly scheduler: string;
  /** The Task as JSON text, as it was scheduled (I5); its `contentHash`; its timeout in epoch milliseconds. */
  readonly body: string;
  readonly contentHash: string;
  readonly timeout: number;
  readonly traceparent?: string | undefined;
  /** The id of the instance. */
  readonly instance: string;
  /** As claimed: see ClaimRequest. */
  readonly leaseMs: number;
  readonly maxAttempts: number;
  /** As granted: see Granted. */
  readonly run: number;
  readonly failures: number;
  readonly retentionMs: number;
  /** How long ago the claim was answered, in milliseconds. */
  readonly runningForMs: number;
  /** What finds the work again, once it has been started. */
  readonly handle?: StoredHandle | undefined;
}

/**
 * `ok`: done as asked. `stale`: the task is not this owner's any more: it has, or had, a later owner, or waits for one;
 * nothing has changed. `gone`: it has ended without him; nothing has changed. `lost`: the store has lost the record;
 * {@link TaskStore.restore} writes it back, then the step is to be repeated.
 */
export type OwnerAnswer = "ok" | "stale" | "gone" | "lost";

/**
 * `ok`: the record is there again, or still, and is this owner's; `stop`: and the task is to be aborted. `stale`, `gone`:
 * see {@link OwnerAnswer}; `gone` also when its timeout has come, and then this call has ended it. `remainingMs`: time
 * until the timeout by the store's clock.
 */
export type RestoreAnswer =
  | { readonly answer: "ok" | "stop"; readonly remainingMs: number }
  | { readonly answer: "stale" | "gone" };

/**
 * `ok`: renewed. `stop`: renewed, and the task is to be aborted. `stale`, `gone`, `lost`: see {@link OwnerAnswer}.
 * `remainingMs`: time until the task's timeout by the store's clock, 0 when it has come.
 */
export type HeartbeatAnswer =
  | { readonly answer: "ok" | "stop"; readonly remainingMs: number }
  | { readonly answer: "stale" | "gone" | "lost" };

/** Why a lease is given up. */
export type ReleaseRequest = GiveBack | HandOver | Retry;

/** The work has ended without a result that counts, and starts anew: run + 1, no failure. */
export interface GiveBack {
  readonly cause: "give_back";
  readonly delayMs: number;
}

/** The work goes on, and the next owner adopts it through the stored handle: same run, no failure. */
export interface HandOver {
  readonly cause: "hand_over";
  readonly delayMs: number;
}

/** The work has failed and may start anew: run + 1, failures + 1; ends as aborted with `reason` when they are used up. */
export interface Retry {
  readonly cause: "retry";
  readonly delayMs: number;
  readonly reason: Reason;
}

/**
 * `released`: it waits again; if its timeout comes before the delay is over, it ends then, as one that waits. `ended`: it
 * is done instead: failures used up, it was aborting, or its timeout had come. A repeat with the same owner gets the
 * same answer until somebody else changes the task.
 */
export type ReleaseAnswer =
  | { readonly answer: "released" | "stale" | "gone" | "lost" }
  | { readonly answer: "ended"; readonly view: TaskView };

/** How work ended, as its owner says. */
export type End =
  | { readonly outcome: "complete"; readonly result?: JsonValue | undefined; readonly resultDropped?: true | undefined }
  | { readonly outcome: "aborted"; readonly reason: Reason };

/**
 * `ended`: the task is done; `view` says how, for the store has the last word: a task that was aborting ends as aborted,
 * `requested`, and one whose timeout has come as `timeout` (I10). A repeat with the same owner gets the same answer.
 */
export type EndAnswer =
  | { readonly answer: "stale" | "gone" | "lost" }
  | { readonly answer: "ended"; readonly view: TaskView };
