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

/**
 * `ok`: done as asked. `stale`: the task is not this owner's any more: it has, or had, a later owner, or waits for one;
 * nothing has changed. `gone`: it has ended without him; nothing has changed.
 */
export type OwnerAnswer = "ok" | "stale" | "gone";

/**
 * `ok`: renewed. `stop`: renewed, and the task is to be aborted. `stale`, `gone`: see {@link OwnerAnswer}. `remainingMs`:
 * time until the task's timeout by the store's clock, 0 when it has come.
 */
export type HeartbeatAnswer =
  | { readonly answer: "ok" | "stop"; readonly remainingMs: number }
  | { readonly answer: "stale" | "gone" };

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
  | { readonly answer: "released" | "stale" | "gone" }
  | { readonly answer: "ended"; readonly view: TaskView };

/** How work ended, as its owner says. */
export type End =
  | { readonly outcome: "complete"; readonly result?: JsonValue | undefined; readonly resultDropped?: true | undefined }
  | { readonly outcome: "aborted"; readonly reason: Reason };

/**
 * `ended`: the task is done; `view` says how, for the store has the last word: a task that was aborting ends as aborted,
 * `requested`, and one whose timeout has come as `timeout` (I10). A repeat with the same owner gets the same answer.
 */
export type EndAnswer = { readonly answer: "stale" | "gone" } | { readonly answer: "ended"; readonly view: TaskView };
