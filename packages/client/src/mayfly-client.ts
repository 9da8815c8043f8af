import { maxWaitSeconds, routes, type ScheduleBody, type ScheduleResult, type TaskPage } from "@mayfly/http-contract";
import type { Clock } from "@mayfly/service";
import type { LiveState, Registration, SchedulerView, TaskView } from "@mayfly/task";
import { v4 as uuid } from "uuid";
import { batchesOf } from "./batch.ts";
import { ClientError, type ClientErrorCode } from "./client-error.ts";
import { hostClock } from "./host-clock.ts";
import { type LogPiece, LogReading } from "./log-reading.ts";
import { Transport, type TransportOptions } from "./transport.ts";

/** What a {@link MayflyClient} is made of. */
export interface MayflyClientOptions {
  /** Where the API is: `http://127.0.0.1:8700`, or with the path that its router is mounted at. */
  readonly baseUrl: string;
  /** @defaultValue the host's `fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every request. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** How long one request may take, in milliseconds; waiting for a task comes on top. @defaultValue 30,000 */
  readonly timeoutMs?: number | undefined;
  /** How often a call is sent at most while its outcome is unknown. @defaultValue 5 */
  readonly maxAttempts?: number | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, and what would repeat it, with a ClientError `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Which live tasks to list. */
export interface TaskQuery {
  readonly scheduler?: string | undefined;
  readonly state?: LiveState | undefined;
  /** How many a page has, 1 to 500. @defaultValue 50 */
  readonly limit?: number | undefined;
}

/**
 * A task that was accepted. `scheduled`: stored and announced; `stored`: announced when the broker is back; `exists`: it
 * had been accepted before.
 */
export interface Scheduled {
  readonly status: "scheduled" | "stored" | "exists";
  readonly task: TaskView;
}

/**
 * Calls the HTTP API, from Node or a browser.
 *
 * Every method fails with a {@link ClientError}: the API's own code, or `unreachable`, `unexpected_answer`, `aborted`.
 * While the outcome of a call is unknown (a broken connection, no answer in time, 503) it is repeated up to
 * `maxAttempts` times, after the time that the server asks for and a random one; each of these calls does the same when
 * it is done twice. Only {@link MayflyClient.deregister} is not repeated.
 */
export class MayflyClient {
  readonly #options: TransportOptions;
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor(options: MayflyClientOptions) {
    this.#clock = options.clock ?? hostClock;
    this.#options = {
      baseUrl: options.baseUrl,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      headers: options.headers ?? {},
      clock: this.#clock,
      timeoutMs: options.timeoutMs ?? 30_000,
      maxAttempts: options.maxAttempts ?? 5,
    };
    this.#transport = new Transport(this.#options);
  }

  /** Schedules a task, once: under its id, or one that is made here, also when the request has to be repeated. */
  async schedule(task: ScheduleBody, options: CallOptions = {}): Promise<Scheduled> {
    const { status, body } = await this.#transport.send({
      route: routes.scheduleTask,
      body: withId(task),
      canRepeat: true,
      signal: options.signal,
    });
    return { status: status === 201 ? "scheduled" : status === 202 ? "stored" : "exists", task: body };
  }

  /**
   * Schedules any number of tasks, in batches one after the other. Resolves with what became of each, in order; a task
   * that is at fault fails alone. When it rejects, batches before the failing one are scheduled: give the tasks ids to
   * be able to repeat all of it.
   */
  async scheduleAll(tasks: Iterable<ScheduleBody>, options: CallOptions = {}): Promise<readonly ScheduleResult[]> {
    const results: ScheduleResult[] = [];
    for (const batch of batchesOf(Array.from(tasks, withId))) {
      const { body } = await this.#transport.send({
        route: routes.scheduleTasks,
        body: { tasks: batch },
        canRepeat: true,
        signal: options.signal,
      });
      results.push(...body.results);
    }
    return results;
  }

  /** The task as it stands, or undefined when there is none (any more). */
  find(id: string, options: CallOptions = {}): Promise<TaskView | undefined> {
    return this.#look(id, 0, options.signal);
  }

  /**
   * The task as soon as it is done, or as it stands after `timeoutMs`; undefined when there is none.
   *
   * @param options - `timeoutMs`: how long to wait, in milliseconds @defaultValue for ever
   */
  async wait(
    id: string,
    options: CallOptions & { readonly timeoutMs?: number | undefined } = {},
  ): Promise<TaskView | undefined> {
    const endMs = this.#clock.monotonicMs() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
    for (;;) {
      const askedMs = this.#clock.monotonicMs();
      const waitMs = Math.min(maxWaitSeconds * 1_000, Math.max(0, endMs - askedMs));
      const task = await this.#look(id, waitMs, options.signal);
      const nowMs = this.#clock.monotonicMs();
      if (task === undefined || task.state === "done" || nowMs >= endMs) return task;
      // A server that shuts down, or has too many who wait, answers at once.
      if (nowMs - askedMs < waitMs / 2) {
        await this.#clock.sleep(Math.min(1_000, endMs - nowMs), { signal: options.signal });
      }
    }
  }

  /**
   * What a task has said, piece by piece. A connection that drops is taken up where it was: it is given up only after
   * `maxAttempts` in a row that brought nothing. Leaving the loop closes the connection.
   *
   * @param options - `from`: where in the log to begin, 0 or the `next` of a piece @defaultValue 0; `follow`: whether to
   * go on with what comes until the task is done @defaultValue false
   * @throws ClientError `unknown_task`; `too_many_followers` when the API follows as many logs as it may, after repeats
   */
  logs(
    id: string,
    options: CallOptions & { readonly from?: number | undefined; readonly follow?: boolean | undefined } = {},
  ): AsyncGenerator<LogPiece, void, undefined> {
    const { from = 0, follow = false, signal } = options;
    return new LogReading(this.#options, { id, from, follow, signal }).pieces();
  }

  /** All that a task has said so far, at most a little more than 1 MiB; undefined when there is no such task. */
  logText(id: string, options: CallOptions = {}): Promise<string | undefined> {
    return undefinedWhen("unknown_task", async () => {
      let text = "";
      for await (const piece of this.logs(id, { signal: options.signal })) text += piece.text;
      return text;
    });
  }

  /** One page of live tasks, newest first, without their attributes. */
  async list(
    query: TaskQuery & { readonly cursor?: string | undefined } = {},
    options: CallOptions = {},
  ): Promise<TaskPage> {
    const { body } = await this.#transport.send({
      route: routes.listTasks,
      query: { ...query },
      canRepeat: true,
      signal: options.signal,
    });
    return body;
  }

  /** All live tasks, newest first, page by page: none comes twice, and none that lives throughout is missed. */
  async *listAll(query: TaskQuery = {}, options: CallOptions = {}): AsyncGenerator<TaskView, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.list({ ...query, cursor }, options);
      yield* page.tasks;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /**
   * Asks for the end of a task. `ended`: it is done, now or before; `aborting`: its scheduler has been told.
   *
   * @param options - `reason`: a sentence for people, kept with the task
   */
  async abort(
    id: string,
    options: CallOptions & { readonly reason?: string | undefined } = {},
  ): Promise<{ readonly answer: "ended" | "aborting"; readonly task: TaskView }> {
    const { status, body } = await this.#transport.send({
      route: routes.abortTask,
      params: { id },
      body: { reason: options.reason },
      canRepeat: true,
      signal: options.signal,
    });
    return { answer: status === 200 ? "ended" : "aborting", task: body };
  }

  /** Registers a scheduler; given members replace, others stay. */
  async register(
    name: string,
    registration: Registration = {},
    options: CallOptions = {},
  ): Promise<{ readonly created: boolean; readonly scheduler: SchedulerView }> {
    const { status, body } = await this.#transport.send({
      route: routes.registerScheduler,
      params: { name },
      body: registration,
      canRepeat: true,
      signal: options.signal,
    });
    return { created: status === 201, scheduler: body };
  }

  /** A scheduler with its queue, tasks and instances, or undefined when none of this name is registered. */
  findScheduler(name: string, options: CallOptions = {}): Promise<SchedulerView | undefined> {
    return undefinedWhen("unknown_scheduler", async () => {
      const { body } = await this.#transport.send({
        route: routes.findScheduler,
        params: { name },
        canRepeat: true,
        signal: options.signal,
      });
      return body;
    });
  }

  /** All registered schedulers, sorted by name. */
  async schedulers(options: CallOptions = {}): Promise<readonly SchedulerView[]> {
    const { body } = await this.#transport.send({
      route: routes.listSchedulers,
      canRepeat: true,
      signal: options.signal,
    });
    return body.schedulers;
  }

  /** Removes a scheduler and its queue. Never repeated by itself: the second time there is none. */
  async deregister(name: string, options: CallOptions = {}): Promise<void> {
    await this.#transport.send({
      route: routes.deregisterScheduler,
      params: { name },
      canRepeat: false,
      signal: options.signal,
    });
  }

  #look(id: string, waitMs: number, signal: AbortSignal | undefined): Promise<TaskView | undefined> {
    return undefinedWhen("unknown_task", async () => {
      const { body } = await this.#transport.send({
        route: routes.findTask,
        params: { id },
        query: { wait: waitMs > 0 ? Math.ceil(waitMs) / 1_000 : undefined },
        canRepeat: true,
        extraMs: waitMs,
        signal,
      });
      return body;
    });
  }
}

function withId(task: ScheduleBody): ScheduleBody {
  return { ...task, id: task.id ?? uuid() };
}

async function undefinedWhen<T>(code: ClientErrorCode, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (ClientError.is(error) && error.code === code) return undefined;
    throw error;
  }
}
