import { systemClock, type Timer } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import {
  type Checkable,
  type Health,
  type Owned,
  type Recoverable,
  type Result,
  type RunContext,
  Runtime,
  RuntimeError,
} from "../src/index.ts";
import type { Job, RemoteEnvironment } from "./remote-environment.ts";

export type RemoteHandle = { readonly version: 1; readonly name: string };

/** The smallest runtime with every optional ability: what a driver for containers or a cluster does, without one. */
export class RemoteRuntime extends Runtime<RemoteHandle> implements Recoverable<RemoteHandle>, Checkable {
  readonly kind = "remote";
  readonly scope = "test";
  protected readonly environment: RemoteEnvironment;

  constructor(environment: RemoteEnvironment) {
    super();
    this.environment = environment;
  }

  override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
    const name = `task-${task.id}-${run.number}`;
    const job = this.environment.jobs.get(name) ?? this.environment.create(name, task, run.number);
    if (task.attributes["does"] === "broken") {
      this.environment.jobs.delete(name);
      throw new RuntimeError("runtime", "The image is missing.");
    }
    const deadline: Timer = systemClock.setTimer(run.deadline - systemClock.now(), job.kill);
    void job.ended.then(() => deadline.cancel());
    return { version: 1, name };
  }

  override async wait(handle: RemoteHandle): Promise<Result> {
    const missing: Result = { status: "failed", reason: "runtime", message: `There is no job ${handle.name}.` };
    return this.find(handle)?.ended ?? missing;
  }

  override async stop(handle: RemoteHandle, options: { readonly graceMs: number }): Promise<void> {
    const job = this.find(handle);
    if (job === undefined) return;
    job.ask();
    const ended = new AbortController();
    void job.ended.then(() => ended.abort());
    await systemClock.sleep(options.graceMs, { signal: ended.signal });
    job.kill();
    await job.ended;
  }

  override async destroy(handle: RemoteHandle): Promise<void> {
    this.find(handle)?.kill();
    this.environment.jobs.delete(handle.name);
  }

  async *list(): AsyncGenerator<Owned<RemoteHandle>> {
    for (const [name, { task, run, createdAt }] of this.environment.jobs)
      yield { handle: { version: 1, name }, taskId: task.id, run, scheduler: task.scheduler, createdAt };
  }

  async health(): Promise<Health> {
    return { status: "healthy" };
  }

  protected find(handle: RemoteHandle): Job | undefined {
    return this.environment.jobs.get(handle.name);
  }
}
