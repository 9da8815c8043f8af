import { Dispatcher } from "@mayfly/dispatcher";
import { InMemoryQueue } from "@mayfly/queue";
import { type Handler, InlineRuntime } from "@mayfly/runtime";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { InMemoryStore, StoreError, type TaskStore } from "@mayfly/store";
import { Sweeper } from "@mayfly/sweeper";
import type { JsonObject, TaskView } from "@mayfly/task";
import { Scheduler } from "../src/scheduler.ts";
import type { SchedulerOptions } from "../src/scheduler-options.ts";

type Step = "claim" | "finish" | "heartbeat";

/** A store whose answers a test can cut off, for one kind of step or for one instance's sake. */
class CuttableStore extends InMemoryStore {
  readonly cut = new Set<Step>();

  override claim(...given: Parameters<TaskStore["claim"]>): ReturnType<TaskStore["claim"]> {
    return this.#unlessCut("claim", () => super.claim(...given));
  }

  override finish(...given: Parameters<TaskStore["finish"]>): ReturnType<TaskStore["finish"]> {
    return this.#unlessCut("finish", () => super.finish(...given));
  }

  override heartbeat(...given: Parameters<TaskStore["heartbeat"]>): ReturnType<TaskStore["heartbeat"]> {
    return this.#unlessCut("heartbeat", () => super.heartbeat(...given));
  }

  #unlessCut<T>(step: Step, run: () => Promise<T>): Promise<T> {
    return this.cut.has(step)
      ? Promise.reject(new StoreError("unavailable", `The store is cut off from ${step}.`))
      : run();
  }
}

/** All of Mayfly in one process on a clock that moves by hand; `advance` is the only time there is. */
export class World {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  readonly store = new CuttableStore({ clock: this.clock });
  readonly queue = new InMemoryQueue({ clock: this.clock });
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
