import { type Owned, type Recoverable, type Result, type RunContext, Runtime } from "@mayfly/runtime";
import type { JsonValue, Task } from "@mayfly/task";
import { type Environment, type EnvironmentRun, runName } from "./environment.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { Work, WorkLog } from "./work-log.ts";

/** What a {@link SimulatedRuntime} is made of. */
export interface SimulatedRuntimeOptions {
  readonly process: SimulatedProcess;
  readonly environment: Environment;
  readonly works: WorkLog;
  /** Told when work begins. */
  readonly onBegin: (work: Work) => void;
}

/** Runs the plans of tasks in an {@link Environment}: that of its process, whose end ends them. */
export class SimulatedRuntime extends Runtime<string> {
  readonly kind: string = "simulated";
  protected readonly options: SimulatedRuntimeOptions;
  readonly #works = new Map<string, Work>();

  constructor(options: SimulatedRuntimeOptions) {
    super();
    this.options = options;
  }

  override async start(task: Task, context: RunContext): Promise<string> {
    const handle = this.nameOf(task, context);
    await this.options.environment.start(handle, task, context, this.options.process);
    this.#begin(handle, task.id, context);
    return handle;
  }

  override async wait(handle: string, context: RunContext): Promise<Result> {
    const run = this.options.environment.find(handle);
    if (run === undefined) return { status: "failed", reason: "runtime", message: `${handle} is not there.` };
    const work = this.#works.get(handle) ?? this.#begin(handle, run.task.id, context);
    const result = await run.ended;
    this.options.works.end(work, result.status);
    return result;
  }

  override async stop(handle: string, { graceMs }: { readonly graceMs: number }): Promise<void> {
    await this.options.environment.stop(handle, graceMs, this.options.process.clock);
  }

  override async destroy(handle: string): Promise<void> {
    this.options.environment.remove(handle);
    this.#works.delete(handle);
  }

  /** What an earlier owner could not stop in this process is not taken up. */
  protected nameOf(task: Task, context: RunContext): string {
    return `${runName(task.id, context.number)}/${context.attempt}`;
  }

  #begin(handle: string, id: string, context: RunContext): Work {
    const { process, works, onBegin } = this.options;
    const { attempt, signal } = context;
    const work: Work = { id, attempt, process, signal, canBeLeft: this.kind !== "simulated", result: undefined };
    this.#works.set(handle, work);
    works.begin(work);
    onBegin(work);
    return work;
  }
}

/** The same in an environment that outlives its process: work is adopted by the next owner. */
export class RecoverableRuntime extends SimulatedRuntime implements Recoverable<string> {
  override readonly kind = "simulated-recoverable";
  readonly scope = "simulation";

  async *list(): AsyncIterable<Owned<string>> {
    for (const run of this.options.environment.runs()) yield ownedOf(run);
  }

  protected override nameOf(task: Task, context: RunContext): string {
    return runName(task.id, context.number);
  }
}

function ownedOf(run: EnvironmentRun): Owned<string> {
  return {
    handle: run.name satisfies JsonValue,
    taskId: run.task.id,
    run: run.number,
    scheduler: run.task.scheduler,
    createdAt: run.startedMs,
  };
}
