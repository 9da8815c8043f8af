import type { TaskEvent } from "@mayfly/task";
import { StoreError } from "../store-error.ts";
import type { EventPage } from "../task-store.ts";

/** The latest events of all shards, in the order in which they happened. A position is the number of an event. */
export class EventLog {
  readonly #limit: number;
  readonly #events: TaskEvent[] = [];
  #forgotten = 0;

  constructor(options: { readonly limit: number }) {
    this.#limit = options.limit;
  }

  append(event: TaskEvent): void {
    this.#events.push(event);
    if (this.#events.length <= this.#limit) return;
    this.#events.shift();
    this.#forgotten++;
  }

  /** @throws StoreError `invalid_cursor` when `after` is no position of this log */
  read(after: string | undefined, limit: number): EventPage {
    const last = this.#forgotten + this.#events.length;
    const from = after === undefined ? 0 : Number(after);
    if (after !== undefined && (!/^\d+$/.test(after) || from > last)) {
      throw new StoreError(
        "invalid_cursor",
        `The position ${JSON.stringify(after)} is not one of this store's events.`,
      );
    }
    const start = Math.max(from, this.#forgotten);
    const events = this.#events
      .slice(start - this.#forgotten, start - this.#forgotten + limit)
      .map((event, index) => ({ position: String(start + index + 1), event }));
    return { events, position: events.at(-1)?.position ?? after ?? String(last) };
  }
}
