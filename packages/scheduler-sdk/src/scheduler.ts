import { setMaxListeners } from "node:events";
import type { Consumer } from "@mayfly/queue";
import { isRecoverable, type Reaper } from "@mayfly/runtime";
import {
  type Clock,
  errorMessage,
  Lifecycle,
  type Logger,
  type Service,
  silentLogger,
  systemClock,
} from "@mayfly/service";
import type { LeaseKeeper, TaskStore } from "@mayfly/store";
import { type Registration, type Task, type TaskView, toInstant } from "@mayfly/task";
import { Beats } from "./beats.ts";
import { checkOptions } from "./check-options.ts";
import { drain } from "./drain.ts";
import { fired } from "./fired.ts";
import { newInstanceId } from "./instance-id.ts";
import { Intake } from "./intake.ts";
import { runReaper } from "./run-reaper.ts";
import type { SchedulerOptions, StopOptions } from "./scheduler-options.ts";
import { ScopeWatch } from "./scope-watch.ts";
import { StallWatch } from "./stall-watch.ts";
import { untilAnswered } from "./until-answered.ts";

/**
 * Takes tasks from its queue and runs them. Claims decide about each delivery, so that a task has one owner at a time;
 * leases keep it while it runs.
 *
 * ```ts
 * const scheduler = new Scheduler({ name: "hello", store, queue, runtime });
 * await scheduler.start();
 * ```
 */
export class Scheduler implements Service {
  readonly #options: SchedulerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #registration: Registration;
  readonly #concurrency: number;
  readonly #leaseMs: number;
  readonly #lifecycle = new Lifecycle();
  #instanceId: string;
  #stopping = new AbortController();
  #closing = new AbortController();
  #startedAt = "";
  #beats: Beats | undefined;
  #leases: LeaseKeeper | undefined;
  #intake: Intake | undefined;
  #stalls: StallWatch | undefined;
  #scopes: ScopeWatch | undefined;
  #consumer: Consumer | undefined;
  #reaper: Reaper | undefined;

  /** @throws SchedulerError `invalid_options` that names everything that is wrong */
  constructor(options: SchedulerOptions) {
    checkOptions(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#registration = options.registration ?? {};
    this.#concurrency = options.concurrency ?? 8;
    this.#leaseMs = options.leaseMs ?? 30_000;
    this.#instanceId = newInstanceId(options.name);
  }

  /** `<name>@<host>:<pid>:<6 random characters>`: another one after each start. */
  get instanceId(): string {
    return this.#instanceId;
  }

  /** Whether messages reach this instance: what its readiness is. */
  get isSubscribed(): boolean {
    return !this.#stopping.signal.aborted && this.#consumer?.isSubscribed === true;
  }

  /** How many tasks it runs. */
  get running(): number {
    return this.#intake?.running ?? 0;
  }

  /**
   * Declares the queue, registers, and takes tasks. Waits while the store is away; a stop meanwhile ends the waiting, and
   * then no task is taken.
   *
   * @throws QueueError `conflict` when the broker has such a queue with other arguments; the store's error when leases
   * can never be renewed
   */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      this.#stopping = new AbortController();
      this.#closing = new AbortController();
      // Every task that runs listens to it, as many as there are slots.
      setMaxListeners(0, this.#closing.signal);
      this.#instanceId = newInstanceId(this.#options.name);
      this.#startedAt = toInstant(this.#clock.now());
      try {
        await this.#start(this.#stopping.signal);
      } catch (error) {
        await this.#withdraw();
        throw error;
      }
    });
  }

  /**
   * Takes no further task, and lets those that run finish or gives them back, within the grace. What comes after it, the
   * last acknowledgements and the goodbye, takes a moment more. A removal by the reaper that is under way is not waited for:
   * whoever looks next does what is left of it.
   */
  stop(options: StopOptions = {}): Promise<void> {
    if (this.#lifecycle.isStarted) {
      // A start that waits for the store is to wait no longer, and one that is about to end is to take nothing.
      this.#stopping.abort();
      this.#intake?.drain();
    }
    return this.#lifecycle.stop(async () => {
      const { name } = this.#options;
      const consumer = this.#consumer;
      const intake = this.#intake;
      void this.#reaper?.stop();
      await drain({
        graceMs: options.graceMs ?? 25_000,
        clock: this.#clock,
        cancel: () => {
          intake?.drain();
          const cancelled = consumer?.cancel() ?? Promise.resolve();
          // Others should know soon, but a store that does not answer must not hold up the cancel of the consumer.
          void this.#beats?.beatNow();
          return cancelled;
        },
        runs: () => intake?.runs ?? [],
        idle: async () => intake?.idle(),
      });
      this.#closing.abort();
      await consumer?.close();
      await this.#withdraw();
      this.#logger.info({ scheduler: name, instance: this.instanceId }, "scheduler stopped");
    });
  }

  /** {@link Scheduler.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(stopping: AbortSignal): Promise<void> {
    const { name, store, queue } = this.#options;
    await queue.declare(name);
    const register = (): Promise<unknown> => store.register(name, this.#registration);
    await untilAnswered(register, { clock: this.#clock, logger: this.#logger, signal: stopping });
    if (stopping.aborted) return;
    const leases = store.keepLeases({
      instance: this.instanceId,
      leaseMs: this.#leaseMs,
      onSignal: (owner, signal) => this.#intake?.onLeaseSignal(owner, signal),
    });
    this.#leases = leases;
    await Promise.race([leases.ready, fired(stopping)]);
    if (stopping.aborted) return;
    const scopes = new ScopeWatch({
      name,
      runtime: this.#options.runtime,
      store,
      clock: this.#clock,
      logger: this.#logger,
      leaseMs: this.#leaseMs,
    });
    this.#scopes = scopes;
    const intake = this.#newIntake(leases, scopes);
    this.#intake = intake;
    this.#stalls = new StallWatch({
      clock: this.#clock,
      logger: this.#logger,
      fromMs: this.#leaseMs / 6,
      running: () => Array.from(intake.runs, ({ id }) => id),
    });
    this.#beats = new Beats({
      beat: () => store.beat(name, this.#entry(), { ttlMs: this.#leaseMs, registration: this.#registration }),
      periodMs: this.#leaseMs / 6,
      clock: this.#clock,
      logger: this.#logger,
    });
    await this.#beats.start();
    if (stopping.aborted) return;
    this.#consumer = await queue.consume(name, {
      slots: this.#concurrency,
      holdMs: this.#options.holdMs ?? 60_000,
      onDelivery: (delivery) => intake.take(delivery),
    });
    await this.#startReaper();
    this.#logger.info(
      { scheduler: name, instance: this.instanceId, concurrency: this.#concurrency },
      "scheduler started",
    );
  }

  /** No longer owns tasks, nor says that it lives. */
  async #withdraw(): Promise<void> {
    const { name, store } = this.#options;
    const beats = this.#beats;
    this.#stalls?.stop();
    await this.#leases?.close();
    await beats?.stop();
    await this.#scopes?.stop();
    this.#leases = undefined;
    this.#beats = undefined;
    this.#intake = undefined;
    this.#stalls = undefined;
    this.#scopes = undefined;
    this.#consumer = undefined;
    this.#reaper = undefined;
    if (beats === undefined) return;
    await store.leave(name, this.instanceId).catch((error: unknown) => {
      this.#logger.warn({ error: errorMessage(error) }, "instance entry not removed, it will expire");
    });
  }

  #entry(): Parameters<TaskStore["beat"]>[1] {
    const { runtime } = this.#options;
    return {
      id: this.instanceId,
      runtime: runtime.kind,
      ...(isRecoverable(runtime) && { scope: runtime.scope }),
      concurrency: this.#concurrency,
      running: this.running,
      state: this.#stopping.signal.aborted ? "draining" : "active",
      startedAt: this.#startedAt,
    };
  }

  async #startReaper(): Promise<void> {
    const { name, store, runtime, stopGraceMs, reap = true } = this.#options;
    if (!reap) return;
    const graceMs = stopGraceMs ?? 10_000;
    this.#reaper = runReaper({ name, store, runtime, graceMs, clock: this.#clock, logger: this.#logger });
    await this.#reaper?.start();
  }

  #newIntake(leases: LeaseKeeper, scopes: ScopeWatch): Intake {
    const { name, store, runtime, stopGraceMs, retry, maxAttempts } = this.#options;
    const shared = { store, clock: this.#clock, logger: this.#logger };
    return new Intake({
      name,
      claimant: {
        ...shared,
        signal: this.#closing.signal,
        instance: this.instanceId,
        leaseMs: this.#leaseMs,
        maxAttempts: retry?.maxAttempts ?? maxAttempts ?? 3,
        scopes,
      },
      environment: {
        ...shared,
        runtime,
        leases,
        stopGraceMs: stopGraceMs ?? 10_000,
        retry,
        onEnd: (task, view) => this.#onEnd(task, view),
        closing: this.#closing.signal,
      },
      onRun: (id) => this.#stalls?.note(id),
    });
  }

  async #onEnd(task: Task, view: TaskView): Promise<void> {
    try {
      await this.#options.onEnd?.(task, view);
    } catch (error) {
      this.#logger.error({ task: task.id, error: errorMessage(error) }, "onEnd failed");
    }
  }
}
