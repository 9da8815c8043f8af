import type { TaskView } from "@mayfly/task";
import { TimeIndex } from "./time-index.ts";

/** What is left of a task that is done. */
export interface Tombstone {
  readonly view: TaskView;
  readonly contentHash: string;
  readonly timeout: number;
  readonly notBefore: number | undefined;
  /** The latest claim: 0 and undefined if there was none. */
  readonly attempt: number;
  readonly token: string | undefined;
  /** Whether the owner of that claim ended the task, and may ask again. */
  readonly closedByOwner: boolean;
}

/** Tombstones until their retention time is over; beyond `limit`, those that would go first go at once. */
export class Tombstones {
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #ends = new TimeIndex();
  readonly #limit: number;
  readonly #onForgotten: ((id: string) => void) | undefined;

  constructor(options: { readonly limit: number; readonly onForgotten?: (id: string) => void }) {
    this.#limit = options.limit;
    this.#onForgotten = options.onForgotten;
  }

  add(tombstone: Tombstone, times: { readonly now: number; readonly retentionMs: number }): void {
    this.#tombstones.set(tombstone.view.id, tombstone);
    this.#ends.set(tombstone.view.id, times.now + times.retentionMs);
    this.#forgetUntil(times.now);
    while (this.#ends.size > this.#limit) this.#forgetUntil(Number.POSITIVE_INFINITY, 1);
  }

  find(id: string, now: number): Tombstone | undefined {
    this.#forgetUntil(now);
    return this.#tombstones.get(id);
  }

  #forgetUntil(now: number, atMost: number = Number.POSITIVE_INFINITY): void {
    for (let count = 0; count < atMost; count++) {
      const id = this.#ends.firstUntil(now);
      if (id === undefined) return;
      this.#ends.delete(id);
      this.#tombstones.delete(id);
      this.#onForgotten?.(id);
    }
  }
}
