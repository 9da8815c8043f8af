import type { Owner } from "./owner.ts";

/**
 * What the owner of a task is told about its lease. `abort`: somebody asked for its end. `timeout`: its time is over.
 * `gone`: it has ended without this owner. `stale`: another owner has it. `fenced`: the store has not answered, and
 * another owner may have it from now on. `lost`: the store has lost the record; it is to be restored.
 */
export type LeaseSignal = "abort" | "timeout" | "gone" | "stale" | "fenced" | "lost";

/** How {@link TaskStore.keepLeases} keeps leases. */
export interface KeepLeasesOptions {
  /** The id of the instance that owns them. */
  readonly instance: string;
  /** How long a lease lasts, in milliseconds; it is renewed six times as often. */
  readonly leaseMs: number;
  /**
   * Told at most once for each of a lease's signals; `lost` each time that a heartbeat finds it so. All but `abort` and
   * `lost` remove the lease.
   */
  readonly onSignal: (owner: Owner, signal: LeaseSignal) => void;
}

/** Renews leases until they are removed. */
export interface LeaseKeeper extends AsyncDisposable {
  /** Resolves when it can renew: where that takes a connection of its own, when it has one. Rejects when it never can. */
  readonly ready: Promise<void>;
  /**
   * Renews from now on. `claimedAtMs` is when the claim was *sent*, by the monotonic clock of this process: the lease
   * cannot have begun earlier.
   */
  add(owner: Owner, claimedAtMs: number): void;
  /** Says that the lease began anew at `renewedAtMs`: when the restore that has been answered was *sent*. */
  renewed(owner: Owner, renewedAtMs: number): void;
  /** Renews no longer, and tells nothing more. Idempotent. */
  remove(owner: Owner): void;
  /** Ends all; resolves when nothing is under way. Idempotent. */
  close(): Promise<void>;
}
