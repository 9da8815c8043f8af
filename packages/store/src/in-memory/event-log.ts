import type { TaskEvent } from "@mayfly/task";
import { StoreError } from "../store-error.ts";
import type { EventPage } from "../task-store.ts";

/** The latest events of all shards, in the order in which they happened. A position is the number of an event. */
export class EventLog {
  readonly #limit: number;
  #events: TaskEvent[] = [];
  /** The position before the first event that is kept. */
  #start = 0;
  #hasDropped = false;

  constructor(options: { readonly limit: number }) {
    this.#limit = options.limit;
  }

  append(event: TaskEvent): void {
    this.#events.push(event);
    if (this.#events.length <= this.#limit) return;
    this.#events.shift();
    this.#start++;
    this.#hasDropped = true;
  }

  /** Forgets all. One number is left out, so that every earlier position lies before a gap. */
  clear(): void {
    this.#start += this.#events.length + 1;
    this.#events = [];
    this.#hasDropped = false;
  }

  /** @throws StoreError `invalid_cursor` when `after` is no position */
  read(after: string | undefined, limit: number): EventPage {
    if (after !== undefined && !/^\d+$/.test(after)) {
      throw new StoreError("invalid_cursor", `The position ${JSON.stringify(after)} is none of a store's events.`);
    }
    const isKept = after !== undefined && Number(after) >= this.#start && Number(after) <= this.#end;
    const from = isKept ? Number(after) : this.#start;
    const events = this.#events
      .slice(from - this.#start, from - this.#start + limit)
      .map((event, index) => ({ position: String(from + index + 1), event }));
    const gap = after === undefined ? this.#hasDropped : !isKept;
    return { gap, events, position: events.at(-1)?.position ?? after ?? String(this.#end) };
  }

  get #end(): number {
    return this.#start + this.#events.length;
  }
}
