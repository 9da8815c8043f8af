import { DispatcherError, type LogPiece, type ReadLog, type Scheduled, type ScheduleTask } from "@mayfly/dispatcher";
import type { Registration, SchedulerView, TaskView } from "@mayfly/task";
import type { ApiDispatcher } from "../src/index.ts";

/** One read of a log. */
export interface LogRequest extends ReadLog {
  readonly id: string;
}

/** A dispatcher that remembers what it was asked and answers as it is told; it knows the scheduler `hello`. */
export class FakeDispatcher implements ApiDispatcher {
  readonly requests: ScheduleTask[] = [];
  readonly listed: unknown[] = [];
  readonly aborted: { readonly id: string; readonly message: string | undefined }[] = [];
  readonly waited: { readonly id: string; readonly waitMs: number; readonly signal: AbortSignal | undefined }[] = [];
  readonly logsRead: LogRequest[] = [];
  readonly registrations = new Map<string, Registration>([["hello", {}]]);
  readonly tasks = new Map<string, TaskView>();
  /** Thrown by every method while it is there. */
  failure: Error | undefined;
  /** How the next tasks are accepted. */
  status: Scheduled["status"] = "scheduled";
  /** What the log of every task that there is gives. */
  log: (request: LogRequest) => AsyncGenerator<LogPiece, void, undefined> = async function* () {
    yield { text: "one\n", next: 4, isEnded: true };
  };
  /** Called when something waits. */
  onWait: () => void = () => undefined;
  /** Awaited by `schedule`. */
  onSchedule: (request: ScheduleTask) => Promise<void> = async () => undefined;

  async schedule(request: ScheduleTask): Promise<Scheduled> {
    this.#fail();
    await this.onSchedule(request);
    this.#fail();
    if (!this.registrations.has(request.scheduler)) {
      throw new DispatcherError("unknown_scheduler", `There is no scheduler ${request.scheduler}.`);
    }
    const timeout = request.timeout ?? "2026-01-01T06:00:00.000Z";
    if (timeout < "2026-01-01")
      throw new DispatcherError("invalid_task", "The timeout has passed.", { path: ["timeout"] });
    if (request.attributes["conflict"] === true) throw new DispatcherError("task_conflict", "Other content.");
    this.requests.push(request);
    const { scheduler, attributes } = request;
    const id = request.id ?? "00000000-0000-4000-8000-000000000001";
    const task = this.add({ id, scheduler, attributes, timeout });
    return { status: this.status, task };
  }

  async find(id: string): Promise<TaskView | undefined> {
    this.#fail();
    return this.tasks.get(id);
  }

  /** Waits until its signal fires. */
  async wait(
    id: string,
    { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<TaskView | undefined> {
    this.#fail();
    this.waited.push({ id, waitMs, signal });
    const ended = new Promise<void>((resolve) => {
      if (signal?.aborted) resolve();
      else signal?.addEventListener("abort", () => resolve(), { once: true });
    });
    this.onWait();
    await ended;
    return this.tasks.get(id);
  }

  async *logs(id: string, options: ReadLog = {}): AsyncGenerator<LogPiece, void, undefined> {
    this.#fail();
    if (!this.tasks.has(id)) throw new DispatcherError("unknown_task", `There is no task ${id}.`);
    this.logsRead.push({ id, ...options });
    yield* this.log({ id, ...options });
  }

  async list(query: { readonly cursor?: string | undefined }): Promise<{ tasks: TaskView[]; cursor?: string }> {
    this.#fail();
    if (query.cursor === "bad") throw new DispatcherError("invalid_request", "No such cursor.", { path: ["cursor"] });
    this.listed.push(query);
    return { tasks: [...this.tasks.values()], cursor: "next" };
  }

  async abort(
    id: string,
    { message }: { readonly message?: string | undefined } = {},
  ): Promise<{ readonly answer: "ended" | "aborting"; readonly view: TaskView }> {
    this.#fail();
    const view = this.tasks.get(id);
    if (view === undefined) throw new DispatcherError("unknown_task", `There is no task ${id}.`);
    this.aborted.push({ id, message });
    return { answer: view.state === "running" ? "aborting" : "ended", view };
  }

  async register(
    name: string,
    registration: Registration,
  ): Promise<{ readonly created: boolean; readonly scheduler: SchedulerView }> {
    this.#fail();
    if (name === "taken") throw new DispatcherError("registration_conflict", "Other arguments.");
    const created = !this.registrations.has(name);
    this.registrations.set(name, { ...this.registrations.get(name), ...registration });
    return { created, scheduler: this.#view(name) };
  }

  async findScheduler(name: string): Promise<SchedulerView | undefined> {
    this.#fail();
    return this.registrations.has(name) ? this.#view(name) : undefined;
  }

  async schedulers(): Promise<readonly SchedulerView[]> {
    this.#fail();
    return [...this.registrations.keys()].map((name) => this.#view(name));
  }

  async deregister(name: string): Promise<void> {
    this.#fail();
    if (name === "hello") throw new DispatcherError("scheduler_busy", "It is busy.");
    if (!this.registrations.delete(name)) throw new DispatcherError("unknown_scheduler", `There is no ${name}.`);
  }

  /** Puts a task there; a running one if nothing else is said. */
  add(task: Partial<TaskView> = {}): TaskView {
    const view: TaskView = {
      id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
      scheduler: "hello",
      timeout: "2026-01-01T06:00:00.000Z",
      state: "running",
      attempt: 1,
      scheduledAt: "2026-01-01T00:00:00.000Z",
      ...task,
    };
    this.tasks.set(view.id, view);
    return view;
  }

  #view(name: string): SchedulerView {
    return { name, ...this.registrations.get(name), tasks: { scheduled: 0, running: 0 }, instances: [] };
  }

  #fail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
