import type { InMemoryStore, TaskStore } from "@mayfly/store";
import type { TaskEvent } from "@mayfly/task";
import type { SimulatedProcess } from "./simulated-process.ts";

/** The methods of a store that ask it something. */
export type StoreStep = Exclude<
  {
    [Name in keyof TaskStore]: TaskStore[Name] extends (...given: never[]) => Promise<unknown> ? Name : never;
  }[keyof TaskStore],
  "open" | "close" | "watchDone" | "watchStops" | typeof Symbol.asyncDispose
>;

/** A call that the store has done: who asked what, what it answered, and which events that made. */
export type StoreCall = {
  [Name in StoreStep]: {
    readonly name: Name;
    readonly by: SimulatedProcess | undefined;
    readonly given: Parameters<TaskStore[Name]>;
    readonly answer: Awaited<ReturnType<TaskStore[Name]>>;
    readonly events: readonly TaskEvent[];
  };
}[StoreStep];

const pageSize = 1_000;

/** The store that all processes share, as a server: one call after the other, each told with the events that it made. */
export class StoreServer {
  readonly store: InMemoryStore;
  readonly #onCall: (call: StoreCall) => void;
  #last: Promise<unknown> = Promise.resolve();
  #position: string | undefined;

  constructor(options: { readonly store: InMemoryStore; readonly onCall: (call: StoreCall) => void }) {
    this.store = options.store;
    this.#onCall = options.onCall;
  }

  /** Does a call when those before it are done. Fails as the store does. */
  call<Name extends StoreStep>(
    name: Name,
    given: Parameters<TaskStore[Name]>,
    by?: SimulatedProcess,
  ): ReturnType<TaskStore[Name]> {
    const done = this.#last.then(async () => {
      const step = this.store[name] as (...all: Parameters<TaskStore[Name]>) => ReturnType<TaskStore[Name]>;
      const answer = await step.apply(this.store, given);
      this.#onCall({ name, by, given, answer, events: await this.#newEvents() } as StoreCall);
      return answer;
    });
    this.#last = done.catch(() => undefined);
    return done as ReturnType<TaskStore[Name]>;
  }

  /** Loses everything, between two calls; resolves when it has. */
  async wipe(onWiped: () => void): Promise<void> {
    const done = this.#last.then(() => {
      this.store.wipe();
      this.#position = undefined;
      onWiped();
    });
    this.#last = done;
    await done;
  }

  async #newEvents(): Promise<readonly TaskEvent[]> {
    const events: TaskEvent[] = [];
    for (;;) {
      const page = await this.store.events({ after: this.#position, limit: pageSize });
      this.#position = page.position;
      for (const { event } of page.events) events.push(event);
      if (page.events.length < pageSize) return events;
    }
  }
}
