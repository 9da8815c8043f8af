import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import type { TaskStore } from "@mayfly/store";
import { isTerminal, type TaskEvent } from "@mayfly/task";

/** What an {@link EventRecorder} is made of. */
export interface EventRecorderOptions {
  readonly store: Pick<TaskStore, "events">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onEvent: (event: TaskEvent) => void;
  /** Told when events are missing. */
  readonly onGap: (message: string) => void;
}

const pageSize = 1_000;
const pauseMs = 100;

/** Reads every event of a store as long as it lasts, and knows which tasks have ended. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #ended = new Set<string>();
  readonly #stopping = new AbortController();
  #reading: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** How many tasks have ended. */
  get endedCount(): number {
    return this.#ended.size;
  }

  hasEnded(id: string): boolean {
    return this.#ended.has(id);
  }

  /** Begins to read from the first event. */
  start(): void {
    this.#reading ??= this.#read(this.#stopping.signal);
  }

  /** Resolves when all that had happened before this call has been read, if the store answers. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reading;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { store, clock, logger, onGap } = this.#options;
    let after: string | undefined;
    for (;;) {
      const isLast = signal.aborted;
      try {
        const page = await store.events({ after, limit: pageSize });
        if (page.gap) onGap(`events are missing after the position ${after ?? "of the beginning"}`);
        after = page.position;
        for (const { event } of page.events) this.#note(event);
        if (page.events.length > 0) continue;
      } catch (error) {
        logger.debug({ error: errorMessage(error) }, "events not read, will be repeated");
        if (isLast) onGap(`the last events could not be read: ${errorMessage(error)}`);
      }
      if (isLast) return;
      await clock.sleep(pauseMs, { signal });
    }
  }

  #note(event: TaskEvent): void {
    if (isTerminal(event.op)) this.#ended.add(event.id);
    this.#options.onEvent(event);
  }
}
