import type { Consumer, Delivery } from "@mayfly/queue";
import {
  type Clock,
  errorMessage,
  Lifecycle,
  type Logger,
  type Service,
  silentLogger,
  systemClock,
} from "@mayfly/service";
import type { ClaimAnswer, LeaseKeeper, TaskStore } from "@mayfly/store";
import { type Announcement, type Task, type TaskView, toInstant } from "@mayfly/task";
import { Beats } from "./beats.ts";
import { checkOptions } from "./check-options.ts";
import { claimTask } from "./claim-task.ts";
import { drain } from "./drain.ts";
import { newInstanceId } from "./instance-id.ts";
import { readTask } from "./read-task.ts";
import type { SchedulerOptions, StopOptions } from "./scheduler-options.ts";
import { type RunEnvironment, TaskRun } from "./task-run.ts";
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
  readonly #concurrency: number;
  readonly #leaseMs: number;
  readonly #lifecycle = new Lifecycle();
  readonly #runs = new Map<string, TaskRun>();
  readonly #handling = new Set<Promise<void>>();
  #instanceId: string;
  #closing = new AbortController();
  #isDraining = false;
  #startedAt = "";
  #beats: Beats | undefined;
  #leases: LeaseKeeper | undefined;
  #consumer: Consumer | undefined;

  /** @throws SchedulerError `invalid_options` that names everything that is wrong */
  constructor(options: SchedulerOptions) {
    checkOptions(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
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
    return !this.#isDraining && this.#consumer?.isSubscribed === true;
  }

  /** How many tasks it runs. */
  get running(): number {
    return this.#runs.size;
  }

  /**
   * Declares the queue, registers, and takes tasks.
   *
   * @throws QueueError `conflict` when the broker has such a queue with other arguments
   */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      const { name, store, queue, registration } = this.#options;
      this.#isDraining = false;
      this.#instanceId = newInstanceId(name);
      this.#closing = new AbortController();
      this.#startedAt = toInstant(this.#clock.now());
      await queue.declare(name);
      await store.register(name, registration ?? {});
      this.#leases = store.keepLeases({
        instance: this.instanceId,
        leaseMs: this.#leaseMs,
        onSignal: (owner, signal) => this.#runs.get(owner.token)?.onLeaseSignal(signal),
      });
      this.#beats = new Beats({
        beat: () => store.beat(name, this.#entry(), { ttlMs: this.#leaseMs }),
        periodMs: this.#leaseMs / 6,
        clock: this.#clock,
        logger: this.#logger,
      });
      await this.#beats.start();
      try {
        this.#consumer = await queue.consume(name, {
          slots: this.#concurrency,
          holdMs: this.#options.holdMs ?? 60_000,
          onDelivery: (delivery) => this.#track(this.#handle(delivery)),
        });
      } catch (error) {
        await this.#withdraw();
        throw error;
      }
      this.#logger.info(
        { scheduler: name, instance: this.instanceId, concurrency: this.#concurrency },
        "scheduler started",
      );
    });
  }

  /**
   * Takes no further task, and lets those that run finish or gives them back, within the grace. What comes after it, the
   * last acknowledgements and the goodbye, takes a moment more.
   */
  stop(options: StopOptions = {}): Promise<void> {
    return this.#lifecycle.stop(async () => {
      const { name } = this.#options;
      this.#isDraining = true;
      const consumer = this.#consumer;
      // Others should know soon, but a store that does not answer must not hold up the cancel of the consumer.
      void this.#beats?.beatNow();
      await drain({
        graceMs: options.graceMs ?? 25_000,
        clock: this.#clock,
        cancel: () => consumer?.cancel() ?? Promise.resolve(),
        runs: () => this.#runs.values(),
        idle: () => this.#idle(),
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

  /** No longer owns tasks, nor says that it lives. */
  async #withdraw(): Promise<void> {
    const { name, store } = this.#options;
    await this.#leases?.close();
    await this.#beats?.stop();
    await store.leave(name, this.instanceId).catch((error: unknown) => {
      this.#logger.warn({ error: errorMessage(error) }, "instance entry not removed, it will expire");
    });
  }

  #entry(): Parameters<TaskStore["beat"]>[1] {
    return {
      id: this.instanceId,
      runtime: this.#options.runtime.kind,
      concurrency: this.#concurrency,
      running: this.#runs.size,
      state: this.#isDraining ? "draining" : "active",
      startedAt: this.#startedAt,
    };
  }

  #track(handling: Promise<void>): Promise<void> {
    const tracked = handling.finally(() => this.#handling.delete(tracked));
    this.#handling.add(tracked);
    return tracked;
  }

  async #idle(): Promise<void> {
    while (this.#handling.size > 0) await Promise.allSettled(this.#handling);
  }

  /** From a delivery to its acknowledgement, which is due when this resolves; when it rejects, the message goes back. */
  async #handle(delivery: Delivery): Promise<void> {
    const task = readTask(delivery.message, this.#options.name);
    if (task === undefined) {
      this.#logger.error(
        { task: delivery.message.id },
        "message is no task for this scheduler, sent to the dead letters",
      );
      delivery.drop();
      return;
    }
    if (this.#isDraining) throw new Error(`Instance ${this.instanceId} is stopping and takes no task.`);
    const claimed = await this.#claim(task, delivery.message);
    delivery.owned();
    if (claimed.answer !== "granted") return this.#refuse(task, claimed.answer);
    const run = new TaskRun(this.#environment(), claimed);
    this.#runs.set(claimed.owner.token, run);
    if (this.#isDraining) run.stop("shutdown");
    try {
      await run.execute();
    } catch (error) {
      // A lease that nobody renews ends, and then the task is recovered.
      this.#logger.error({ task: task.id, error: errorMessage(error) }, "run failed in an unforeseen way");
    } finally {
      this.#runs.delete(claimed.owner.token);
    }
  }

  #claim(task: Task, announcement: Announcement): ReturnType<typeof claimTask> {
    const { retry, maxAttempts } = this.#options;
    return claimTask(task, announcement, {
      store: this.#options.store,
      ...this.#waiting(),
      instance: this.#instanceId,
      leaseMs: this.#leaseMs,
      maxAttempts: retry?.maxAttempts ?? maxAttempts ?? 3,
    });
  }

  /** The delivery is not for this instance; the claim may have ended the task, and then there is something to tell. */
  async #refuse(task: Task, answer: Exclude<ClaimAnswer["answer"], "granted">): Promise<void> {
    this.#logger.debug({ task: task.id, answer }, "delivery not for this instance");
    if (answer !== "expired" && answer !== "exhausted" && answer !== "aborting") return;
    const view = await untilAnswered(() => this.#options.store.find(task.id), this.#waiting());
    if (view?.state === "done") await this.#onEnd(task, view);
  }

  #environment(): RunEnvironment {
    const { store, runtime, stopGraceMs, retry } = this.#options;
    const leases = this.#leases;
    if (leases === undefined) throw new Error(`Scheduler ${this.#options.name} has not been started.`);
    return {
      store,
      runtime,
      leases,
      clock: this.#clock,
      logger: this.#logger,
      stopGraceMs: stopGraceMs ?? 10_000,
      retry,
      onEnd: (task, view) => this.#onEnd(task, view),
      closing: this.#closing.signal,
    };
  }

  async #onEnd(task: Task, view: TaskView): Promise<void> {
    try {
      await this.#options.onEnd?.(task, view);
    } catch (error) {
      this.#logger.error({ task: task.id, error: errorMessage(error) }, "onEnd failed");
    }
  }

  #waiting(): { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal } {
    return { clock: this.#clock, logger: this.#logger, signal: this.#closing.signal };
  }
}
