import { Worker } from "node:worker_threads";
import { type Result, type RunContext, Runtime, selectNamed } from "@mayfly/runtime";
import { errorMessage, systemClock } from "@mayfly/service";
import type { JsonValue, Task } from "@mayfly/task";

type ThreadHandle = { readonly version: 1; readonly name: string; readonly thread: number };

/** Runs each task on a thread of its own: the script that its attribute `script` names. */
export class ThreadRuntime extends Runtime<ThreadHandle> {
  readonly kind = "thread";
  readonly #scripts: Readonly<Record<string, URL>>;
  readonly #runs = new Map<string, ThreadRun>();

  constructor(scripts: Readonly<Record<string, URL>>) {
    super();
    this.#scripts = scripts;
  }

  override async start(task: Task, run: RunContext): Promise<ThreadHandle> {
    const name = `task-${task.id}-${run.number}-${run.attempt}`;
    const url = selectNamed("script", task.attributes["script"], this.#scripts);
    const started = this.#runs.get(name) ?? new ThreadRun(url, task);
    this.#runs.set(name, started);
    return { version: 1, name, thread: started.thread };
  }

  override async wait(handle: ThreadHandle): Promise<Result> {
    const run = this.#runs.get(handle.name);
    return run?.result ?? { status: "failed", reason: "runtime", message: `There is no thread for ${handle.name}.` };
  }

  override async stop(handle: ThreadHandle, options: { readonly graceMs: number }): Promise<void> {
    await this.#runs.get(handle.name)?.stop(options.graceMs);
  }

  override async destroy(handle: ThreadHandle): Promise<void> {
    await this.stop(handle, { graceMs: 0 });
    this.#runs.delete(handle.name);
  }
}

/** One thread. It gets the task as `workerData`, posts `{ value }` when it is done, and is asked to end by a message. */
class ThreadRun {
  readonly thread: number;
  readonly result: Promise<Result>;
  readonly #worker: Worker;
  readonly #ended = new AbortController();

  constructor(script: URL, task: Task) {
    this.#worker = new Worker(script, { workerData: task });
    this.thread = this.#worker.threadId;
    let result: Result = { status: "failed", reason: "failed", message: "The thread ended without a result." };
    this.#worker.on("message", ({ value }: { readonly value: JsonValue }) => (result = { status: "complete", value }));
    this.#worker.on("error", (error: unknown) => {
      result = { status: "failed", reason: "failed", message: errorMessage(error) };
    });
    this.result = new Promise((resolve) => this.#worker.once("exit", () => resolve(result)));
    this.#worker.once("exit", () => this.#ended.abort());
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#worker.postMessage("stop");
    await systemClock.sleep(graceMs, { signal: this.#ended.signal });
    await this.#worker.terminate();
  }
}
