import { Dispatcher } from "@mayfly/dispatcher";
import { type Handler, InlineRuntime } from "@mayfly/runtime";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { Sweeper } from "@mayfly/sweeper";
import type { JsonObject, TaskView } from "@mayfly/task";
import { Scheduler } from "../src/scheduler.ts";
import type { SchedulerOptions } from "../src/scheduler-options.ts";
import { CuttableStore } from "./cuttable-store.ts";
import { RecordingQueue } from "./recording-queue.ts";

/** All of Mayfly in one process on a clock that moves by hand; `advance` is the only time there is. */
export class World {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  readonly store = new CuttableStore({ clock: this.clock });
  readonly queue = new RecordingQueue({ clock: this.clock });
  readonly dispatcher = new Dispatcher({ store: this.store, queue: this.queue, clock: this.clock });
  readonly #sweeper = new Sweeper({ store: this.store, queue: this.queue, clock: this.clock });
  readonly #schedulers: Scheduler[] = [];

  async open(): Promise<this> {
    await Promise.all([this.store.open(), this.queue.open()]);
    await this.#sweeper.start();
    return this;
  }

  /** Starts an instance of the scheduler `hello`. */
  async startScheduler(
    handlers: Readonly<Record<string, Handler>>,
    options: Partial<SchedulerOptions> = {},
  ): Promise<Scheduler> {
    const scheduler = new Scheduler({
      name: "hello",
      store: this.store,
      queue: this.queue,
      runtime: new InlineRuntime(handlers, { clock: this.clock }),
      clock: this.clock,
      logger: this.logger,
      ...options,
    });
    await scheduler.start();
    this.#schedulers.push(scheduler);
    return scheduler;
  }

  /** Schedules a task for a handler; resolves with its id. */
  async schedule(handler: string, attributes: JsonObject = {}, times: { timeout?: string } = {}): Promise<string> {
    const { task } = await this.dispatcher.schedule({
      scheduler: "hello",
      attributes: { handler, ...attributes },
      ...times,
    });
    return task.id;
  }

  /** The task, which must be there. */
  async view(id: string): Promise<TaskView> {
    const view = await this.store.find(id);
    if (view === undefined) throw new Error(`There is no task ${id}.`);
    return view;
  }

  /** How a task ended, as often as its end was told since the store was wiped. */
  async ends(id: string): Promise<readonly string[]> {
    const { events } = await this.store.events({ limit: 500 });
    const ops = events.flatMap(({ event }) => (event.id === id ? [event.op] : []));
    return ops.filter((op) => op === "complete" || op === "abort" || op === "timeout");
  }

  /** Runs `step` to its end while time goes on. */
  async during<T>(step: Promise<T>, options: { readonly limitMs?: number } = {}): Promise<T> {
    let isOver = false;
    const end = (): void => void (isOver = true);
    step.then(end, end);
    for (let passedMs = 0; passedMs <= (options.limitMs ?? 60_000); passedMs += 50) {
      if (isOver) return step;
      await this.clock.advance(50);
    }
    throw new Error("The step did not end in time.");
  }

  async close(): Promise<void> {
    this.store.cut.clear();
    await this.during(Promise.all(this.#schedulers.map((scheduler) => scheduler.stop({ graceMs: 100 }))));
    await this.during(this.#sweeper.stop());
    await this.during(this.queue.close());
    await this.store.close();
  }
}

/** Resolves when `signal` fires, with the code of its reason. */
export function stopped(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const tell = (): void => resolve((signal.reason as { code: string }).code);
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell, { once: true });
  });
}
