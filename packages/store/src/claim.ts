import type { Announcement, Task } from "@mayfly/task";
import type { StoredHandle } from "./owner.ts";

/** A delivery that an instance could run. */
export interface ClaimRequest {
  readonly announcement: Announcement;
  /** {@link contentHash} of the task in the announcement, and its timeout in epoch milliseconds. */
  readonly contentHash: string;
  readonly timeout: number;
  /** A UUID made for this delivery. Only the repeat of a call whose answer is unknown uses it again. */
  readonly token: string;
  /** The id of the instance. */
  readonly instance: string;
  /** How long the lease lasts, in milliseconds, from each heartbeat. */
  readonly leaseMs: number;
  /** How many failures end the task. */
  readonly maxAttempts: number;
  /**
   * Where the claimer can reach work that an earlier owner started, each as {@link scopeName}. Work elsewhere is left
   * alone: see `elsewhere`. @defaultValue everywhere
   */
  readonly scopes?: readonly string[] | undefined;
  /** Scopes that nobody has been able to reach for so long that work in them counts as over. @defaultValue none */
  readonly abandonedScopes?: readonly string[] | undefined;
  /**
   * Makes the record anew from the announcement when the store has lost it: given after the answer `lost`. Its tombstone
   * is kept so long once it is done, in milliseconds.
   */
  readonly recreate?: { readonly retentionMs: number } | undefined;
}

/**
 * Who may run a delivered task.
 *
 * | answer | meaning |
 * | --- | --- |
 * | `granted` | this delivery; a repeat with the same token gets the same answer, and begins the lease anew |
 * | `held` | another one, whose lease has not ended |
 * | `early` | nobody yet: it is due later |
 * | `elsewhere` | nobody yet: its work may still be running in a `scope` that the claimer does not reach; it is due later |
 * | `gone` | nobody: it is done, or was never scheduled |
 * | `expired` | nobody: its timeout has come, and this call has ended it |
 * | `exhausted` | nobody: its failures are used up, and this call has ended it |
 * | `aborting` | nobody: its owner vanished while it was to be aborted, and this call has ended it |
 * | `lost` | nobody yet: its record is missing and the store may have lost it; claim again with `recreate` |
 *
 * Work in a scope that is abandoned is forgotten instead: the claim is granted without its handle, for the next run. That
 * is a failure, and may be the last, unless the owner had handed the work over.
 *
 * A task that is running or aborting and whose lease has ended is recovered by the claim itself, as the sweeper would.
 */
export type ClaimAnswer =
  | Granted
  | { readonly answer: "early"; readonly dueInMs: number }
  | { readonly answer: "elsewhere"; readonly dueInMs: number; readonly scope: string }
  | { readonly answer: "held" | "gone" | "expired" | "exhausted" | "aborting" | "lost" };

/** The lease is the caller's. */
export interface Granted {
  readonly answer: "granted";
  /** The number of this claim, from 1. */
  readonly attempt: number;
  /** The number of the execution, from 1. */
  readonly run: number;
  /** How many failures there have been. */
  readonly failures: number;
  /** Time until the task's timeout, in milliseconds, by the store's clock. */
  readonly remainingMs: number;
  /** How long its tombstone is kept once it is done, in milliseconds. */
  readonly retentionMs: number;
  /** What finds the work that an earlier owner started, if it can still be running. */
  readonly handle?: StoredHandle | undefined;
  /** Until when the task's log has what that work says, if that is known: the last `saidAt` since the handle was stored. */
  readonly loggedAt?: number | undefined;
  /** The stored task, when it is not the announced one: this is what runs. */
  readonly task?: Task | undefined;
}
