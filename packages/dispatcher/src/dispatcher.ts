import type { TaskQueue } from "@mayfly/queue";
import { type Clock, crashPoint, errorMessage, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { ListPage, ListRequest, TaskStore } from "@mayfly/store";
import type { Announcement, Registration, SchedulerView, TaskView } from "@mayfly/task";
import { DispatcherError, translateErrors } from "./dispatcher-error.ts";
import { type LogPiece, LogReader, type ReadLog } from "./log-reader.ts";
import { RegistrationCache } from "./registration-cache.ts";
import { type ScheduleTask, toScheduleRequest } from "./schedule-task.ts";
import { Waiter } from "./waiter.ts";

/** What a {@link Dispatcher} is made of. */
export interface DispatcherOptions {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** How long the summary of a done task is kept, in milliseconds. @defaultValue 3,600,000 (1 h) */
  readonly retentionMs?: number | undefined;
  /** How far ahead a timeout may be, in milliseconds. @defaultValue 604,800,000 (7 days) */
  readonly maxTimeoutMs?: number | undefined;
  /** How long a schedule waits for the broker before it answers `stored`, in milliseconds. @defaultValue 2,000 */
  readonly confirmWaitMs?: number | undefined;
  /** How many may wait for tasks at a time; more are answered at once. @defaultValue 10,000 */
  readonly maxWaiters?: number | undefined;
  /** How many logs may be followed at a time; more are refused. @defaultValue 1,000 */
  readonly maxFollowers?: number | undefined;
}

/**
 * How a task was accepted. `scheduled`: stored and on its way (or due later). `stored`: stored, and announced when the
 * broker is back. `exists`: it had been accepted before.
 */
export interface Scheduled {
  readonly status: "scheduled" | "stored" | "exists";
  readonly task: TaskView;
}

/**
 * Accepts and announces tasks, and answers for them: what the API does, without HTTP. Has no state but caches; any
 * number of dispatchers serve the same store and queue.
 *
 * Every method fails with a {@link DispatcherError}; `store_unavailable` from each of them.
 */
export class Dispatcher {
  readonly #store: TaskStore;
  readonly #queue: TaskQueue;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #retentionMs: number;
  readonly #maxTimeoutMs: number;
  readonly #confirmWaitMs: number;
  readonly #registrations: RegistrationCache;
  readonly #waiter: Waiter;
  readonly #logs: LogReader;

  constructor(options: DispatcherOptions) {
    this.#store = options.store;
    this.#queue = options.queue;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#retentionMs = options.retentionMs ?? 3_600_000;
    this.#maxTimeoutMs = options.maxTimeoutMs ?? 7 * 24 * 3_600_000;
    this.#confirmWaitMs = options.confirmWaitMs ?? 2_000;
    this.#registrations = new RegistrationCache({ store: this.#store, clock: this.#clock, freshMs: 2_000 });
    this.#waiter = new Waiter({ store: this.#store, clock: this.#clock, maxWaiters: options.maxWaiters ?? 10_000 });
    this.#logs = new LogReader({ store: this.#store, clock: this.#clock, maxFollowers: options.maxFollowers ?? 1_000 });
  }

  /**
   * Accepts a task: stores it, then announces it. Once this has resolved the task cannot be lost; until then, repeat it
   * with the same id.
   *
   * @throws DispatcherError `unknown_scheduler`, `task_conflict`, `invalid_task` (a time that does not fit)
   */
  schedule(wanted: ScheduleTask): Promise<Scheduled> {
    return translateErrors(async () => {
      const isRegistered = (await this.#registrations.find(wanted.scheduler)) !== undefined;
      if (!isRegistered && wanted.id === undefined) throw unknownScheduler(wanted.scheduler);
      const request = toScheduleRequest(wanted, {
        nowMs: this.#clock.now(),
        maxTimeoutMs: this.#maxTimeoutMs,
        retentionMs: this.#retentionMs,
      });
      // A repeat is answered although its scheduler has gone since; no time to live lets the store accept nothing new.
      crashPoint("dispatcher.before_store_write");
      const accepted = await this.#store.schedule(isRegistered ? request : { ...request, maxTimeoutMs: 0 });
      if (!isRegistered && accepted.answer.startsWith("timeout")) throw unknownScheduler(wanted.scheduler);
      switch (accepted.answer) {
        case "exists":
          return { status: "exists", task: accepted.view };
        case "conflict":
          throw new DispatcherError(
            "task_conflict",
            `Task ${request.task.id} exists with other content. Use another id, or repeat the request unchanged.`,
          );
        case "timeout_passed":
          throw new DispatcherError("invalid_task", `The timeout ${request.task.timeout} has passed.`, {
            path: ["timeout"],
          });
        case "timeout_too_far":
          throw new DispatcherError(
            "invalid_task",
            `The timeout ${request.task.timeout} is more than ${this.#maxTimeoutMs / 1_000} seconds ahead.`,
            { path: ["timeout"] },
          );
        case "scheduled": {
          crashPoint("dispatcher.after_store_write");
          const isOnItsWay = accepted.dueInMs > 0 || (await this.#announce(accepted.announcement));
          return { status: isOnItsWay ? "scheduled" : "stored", task: accepted.view };
        }
      }
    });
  }

  /** The task as it stands, alive or (while its summary is kept) done. */
  find(id: string): Promise<TaskView | undefined> {
    return translateErrors(() => this.#store.find(id));
  }

  /**
   * The task as soon as it is done, or as it stands after `waitMs` or when `signal` fires; undefined when there is none.
   */
  wait(
    id: string,
    options: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<TaskView | undefined> {
    return translateErrors(() => this.#waiter.wait(id, options));
  }

  /**
   * The log of a task, piece by piece, as its reader takes it. The first piece comes at once, also when it is empty. When
   * it is followed, others come as they are said, up to one with `isEnded`; a store that is away in between, or has lost the
   * task, is borne for 30 seconds, and for 10 before the first piece of a reader who follows from a place beyond 0. Without
   * such a piece it ends when `signal` fires, and, not followed, with what is there.
   *
   * @throws DispatcherError `unknown_task`, `too_many_followers`
   */
  logs(id: string, options: ReadLog = {}): AsyncGenerator<LogPiece, void, undefined> {
    return this.#logs.read(id, options);
  }

  /** Live tasks, newest first, without their attributes. A bad cursor is `invalid_request`. */
  list(request: ListRequest): Promise<ListPage> {
    return translateErrors(() => this.#store.list(request));
  }

  /**
   * Asks for the end of a task. `ended`: it is done, now or before; `aborting`: its scheduler has been told.
   *
   * @throws DispatcherError `unknown_task`
   */
  abort(
    id: string,
    options: { readonly message?: string | undefined } = {},
  ): Promise<{ readonly answer: "ended" | "aborting"; readonly view: TaskView }> {
    return translateErrors(async () => {
      const aborted = await this.#store.abort(id, options);
      if (aborted.answer === "unknown") throw new DispatcherError("unknown_task", `There is no task ${id}.`);
      return aborted;
    });
  }

  /**
   * Registers a scheduler: declares its queue (when the broker is away, as soon as it is back) and stores what is known
   * of it; given members replace, others stay.
   *
   * @throws DispatcherError `registration_conflict`
   */
  register(
    name: string,
    registration: Registration,
  ): Promise<{ readonly created: boolean; readonly scheduler: SchedulerView }> {
    return translateErrors(async () => {
      await this.#queue.declare(name);
      const stored = await this.#store.register(name, registration);
      return { created: stored.created, scheduler: await this.#view(name, stored.registration) };
    });
  }

  /** A scheduler with its queue, tasks and live instances. */
  findScheduler(name: string): Promise<SchedulerView | undefined> {
    return translateErrors(async () => {
      const registration = await this.#store.findRegistration(name);
      return registration && (await this.#view(name, registration));
    });
  }

  /** All registered schedulers, sorted by name. */
  schedulers(): Promise<readonly SchedulerView[]> {
    return translateErrors(async () => {
      const names = await this.#store.schedulers();
      const views = await Promise.all(names.map((name) => this.findScheduler(name)));
      return views.filter((view) => view !== undefined);
    });
  }

  /**
   * Removes a scheduler's registration and its queue.
   *
   * @throws DispatcherError `unknown_scheduler`, `scheduler_busy`, `broker_unavailable`
   */
  deregister(name: string): Promise<void> {
    return translateErrors(async () => {
      // Without the broker the registration would go and the queue stay, with nobody left to name it.
      if (!this.#queue.canPublish) await this.#refuseDeregistration(name);
      const answer = await this.#store.deregister(name);
      this.#registrations.forget(name);
      if (answer === "unknown") throw unknownScheduler(name);
      if (answer === "busy") throw busyScheduler(name);
      await this.#queue.remove(name);
    });
  }

  /** Says why a scheduler cannot be deregistered while the broker is away: the first reason that there is. */
  async #refuseDeregistration(name: string): Promise<never> {
    if ((await this.#store.findRegistration(name)) === undefined) throw unknownScheduler(name);
    const [tasks, instances] = await Promise.all([this.#store.count(name), this.#store.instances(name)]);
    if (tasks.scheduled + tasks.running + instances.length > 0) throw busyScheduler(name);
    throw new DispatcherError("broker_unavailable", `The broker is away: ${name} is still registered. Repeat later.`);
  }

  /**
   * Publishes, and resolves with whether the broker has confirmed in time. A confirm that comes later still takes the
   * task out of the outbox; without one the sweeper announces it.
   */
  async #announce(announcement: Announcement): Promise<boolean> {
    const published = this.#publish(announcement);
    const patience = new AbortController();
    const isConfirmed = await Promise.race([
      published,
      this.#clock.sleep(this.#confirmWaitMs, { signal: patience.signal }).then(() => false),
    ]);
    patience.abort();
    return isConfirmed;
  }

  async #publish(announcement: Announcement): Promise<boolean> {
    const answer = await this.#queue.publish(announcement);
    if (answer !== "confirmed") {
      this.#logger.warn({ task: announcement.id, answer }, "task stored but not announced");
      return false;
    }
    crashPoint("dispatcher.after_publish");
    try {
      await this.#store.announced(announcement.id, announcement.token);
      crashPoint("dispatcher.after_confirm");
    } catch (error) {
      // It is announced once more, and the claim tells the copies apart.
      this.#logger.warn({ task: announcement.id, error: errorMessage(error) }, "announced task left in the outbox");
    }
    return true;
  }

  async #view(name: string, registration: Registration): Promise<SchedulerView> {
    const [tasks, instances, ready] = await Promise.all([
      this.#store.count(name),
      this.#store.instances(name),
      this.#queue.ready(name),
    ]);
    return {
      name,
      ...registration,
      ...(ready !== undefined && { queue: { ready } }),
      tasks,
      instances: [...instances],
    };
  }
}

function busyScheduler(name: string): DispatcherError {
  return new DispatcherError(
    "scheduler_busy",
    `Scheduler ${name} has live tasks or instances. Stop its instances and abort its tasks first.`,
  );
}

function unknownScheduler(name: string): DispatcherError {
  return new DispatcherError(
    "unknown_scheduler",
    `There is no scheduler ${name}. Start an instance of it, or register it with PUT /scheduler/${name}.`,
  );
}
