import { Dispatcher } from "@mayfly/dispatcher";
import { createHttpService, type HttpService } from "@mayfly/http-server";
import { InMemoryQueue } from "@mayfly/queue";
import type { Runtime } from "@mayfly/runtime";
import { Scheduler, type SchedulerOptions, type StopOptions } from "@mayfly/scheduler-sdk";
import { Lifecycle, type Service } from "@mayfly/service";
import { InMemoryStore } from "@mayfly/store";
import { Sweeper } from "@mayfly/sweeper";

/** What a {@link Standalone} is made of: a scheduler's options, and where the API answers. */
export interface StandaloneOptions extends Omit<SchedulerOptions, "name" | "store" | "queue" | "runtime"> {
  /** Where tasks run. */
  readonly runtime: Runtime;
  /** The name of its scheduler. @defaultValue `hello` */
  readonly name?: string | undefined;
  /** The address on which the API answers. @defaultValue `127.0.0.1` */
  readonly host?: string | undefined;
  /** The port on which the API answers; 0 takes a free one. @defaultValue 0 */
  readonly port?: number | undefined;
  /** How long the summary of a done task is kept, in milliseconds. @defaultValue 3,600,000 (1 h) */
  readonly retentionMs?: number | undefined;
  /** The longest pause between two passes of the sweeper, in milliseconds. @defaultValue 1,000 */
  readonly sweepMs?: number | undefined;
  /** How far ahead a timeout may be, in milliseconds. @defaultValue 604,800,000 (7 days) */
  readonly maxTimeoutMs?: number | undefined;
}

/**
 * All of Mayfly in one process: API, one scheduler, sweeper, on the in-process queue and store. For trying it out, for
 * one machine, and for tests of what uses Mayfly. Tasks live in memory: what is not done when the process ends is lost.
 */
export class Standalone implements Service {
  /** Schedules without HTTP. */
  readonly dispatcher: Dispatcher;
  readonly #store: InMemoryStore;
  readonly #queue: InMemoryQueue;
  readonly #scheduler: Scheduler;
  readonly #sweeper: Sweeper;
  readonly #http: HttpService;
  readonly #lifecycle = new Lifecycle();

  constructor(options: StandaloneOptions) {
    const { name = "hello", host, port, retentionMs, maxTimeoutMs, sweepMs, ...own } = options;
    const { clock, logger } = options;
    this.#store = new InMemoryStore({ clock });
    this.#queue = new InMemoryQueue({ clock });
    const ports = { store: this.#store, queue: this.#queue, clock, logger };
    this.dispatcher = new Dispatcher({ ...ports, retentionMs, maxTimeoutMs });
    this.#scheduler = new Scheduler({ ...own, ...ports, name });
    this.#sweeper = new Sweeper({ ...ports, sweepMs, recoverAfterMs: options.leaseMs });
    this.#http = createHttpService({
      dispatcher: this.dispatcher,
      checks: { store: () => Promise.resolve(true), broker: () => true },
      host,
      port: port ?? 0,
      logger,
    });
  }

  /** Where the API answers, such as `http://127.0.0.1:8700`; undefined unless it does. */
  get url(): string | undefined {
    return this.#http.address?.url;
  }

  /** Starts everything. @throws Node's error when the port is taken; then nothing has been started */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      await Promise.all([this.#store.open(), this.#queue.open()]);
      await this.#http.start();
      await this.#sweeper.start();
      await this.#scheduler.start();
    });
  }

  /**
   * Answers no more, drains the scheduler within the grace, and ends everything that runs. What waits is kept for the
   * next start in this process.
   */
  stop(options?: StopOptions): Promise<void> {
    return this.#lifecycle.stop(async () => {
      await Promise.all([this.#http.stop(), this.#scheduler.stop(options)]);
      await this.#sweeper.stop();
    });
  }

  /** {@link Standalone.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Makes a {@link Standalone}; it is not started yet. */
export function createStandalone(options: StandaloneOptions): Standalone {
  return new Standalone(options);
}
