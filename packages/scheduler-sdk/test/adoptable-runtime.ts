import { type Owned, type Recoverable, type Result, Runtime, type RunContext } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";
import { deferred } from "./deferred.ts";

type Handle = { readonly version: 1; readonly name: string };

/** Where work goes on whatever becomes of the process that started it. A test ends it. */
export class Environment {
  /** Each call of `start`, and what was begun by it: a name that exists is taken over. */
  readonly asked: string[] = [];
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  readonly destroyed: string[] = [];
  /** What was begun and has not been destroyed. */
  readonly left = new Map<string, Omit<Owned<Handle>, "createdAt">>();
  readonly #ends = new Map<string, { readonly result: Promise<Result>; readonly end: (result: Result) => void }>();

  /** Ends all work with a result. */
  endAll(value: string): void {
    for (const { end } of this.#ends.values()) end({ status: "complete", value });
  }

  /** Ends all work with a failure. */
  failAll(message: string): void {
    for (const { end } of this.#ends.values()) end({ status: "failed", reason: "failed", message });
  }

  /** The work of this name; begun if there is none. */
  work(name: string): Promise<Result> {
    const found = this.#ends.get(name)?.result;
    if (found !== undefined) return found;
    const { promise, resolve } = deferred<Result>();
    this.#ends.set(name, { result: promise, end: resolve });
    this.started.push(name);
    return promise;
  }

  /** Ends the work of this name as stopped. */
  stop(name: string): void {
    this.stopped.push(name);
    this.#ends.get(name)?.end({ status: "failed", reason: "failed", message: "It was stopped." });
  }
}

/** A runtime whose work can be adopted in its scope, and whose starts a test can hold up. */
export class AdoptableRuntime extends Runtime<Handle> implements Recoverable<Handle> {
  readonly kind: string;
  readonly scope: string;
  readonly #environment: Environment;
  readonly #gate: Promise<void>;

  constructor(options: {
    readonly environment: Environment;
    readonly scope: string;
    readonly kind?: string;
    readonly gate?: Promise<void>;
  }) {
    super();
    this.kind = options.kind ?? "adoptable";
    this.scope = options.scope;
    this.#environment = options.environment;
    this.#gate = options.gate ?? Promise.resolve();
  }

  override async start(task: Task, run: RunContext): Promise<Handle> {
    await this.#gate;
    const name = `${this.scope}/${task.id}-${run.number}`;
    this.#environment.asked.push(name);
    void this.#environment.work(name);
    const handle: Handle = { version: 1, name };
    this.#environment.left.set(name, { handle, taskId: task.id, run: run.number, scheduler: task.scheduler });
    return handle;
  }

  override wait(handle: Handle): Promise<Result> {
    return this.#environment.work(handle.name);
  }

  override async stop(handle: Handle): Promise<void> {
    this.#environment.stop(handle.name);
  }

  override async destroy(handle: Handle): Promise<void> {
    this.#environment.destroyed.push(handle.name);
    this.#environment.left.delete(handle.name);
  }

  async *list(): AsyncGenerator<Owned<Handle>> {
    for (const [name, run] of this.#environment.left) {
      if (name.startsWith(`${this.scope}/`)) yield { ...run, createdAt: 1 };
    }
  }
}
