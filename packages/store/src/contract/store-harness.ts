import type { TaskStore } from "../task-store.ts";

/** What the contract suite needs of a store: an open, empty one, and its time. */
export interface StoreHarness {
  readonly store: TaskStore;
  /** What the store calls now, in epoch milliseconds; a few milliseconds off do no harm. */
  now(): number;
  /** The monotonic clock that the store's lease keepers go by. @defaultValue `performance.now` */
  monotonicMs?(): number;
  /** Resolves when at least this much time has passed for the store, in milliseconds. */
  advance(byMs: number): Promise<void>;
  /**
   * How long the suite's short times are, in milliseconds: leases that are to end, delays that are to be over. Where time
   * really passes, it is what the suite waits for most often.
   */
  readonly stepMs: number;
  /** How much real time something may take that the store tells by itself, in milliseconds. @defaultValue 10,000 */
  readonly patienceMs?: number;
  /** Deletes all that the store keeps, behind its back and while it is open; nobody is told. */
  wipe(): Promise<void>;
  /** Closes the store and removes its data. */
  close(): Promise<void>;
}
