import { type Clock, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import { InlineRun } from "./inline-run.ts";
import type { Result } from "./result.ts";
import { type Handler, type RunContext, StopReason } from "./run-context.ts";
import { Runtime } from "./runtime.ts";
import { RuntimeError } from "./runtime-error.ts";
import { thrownMessage } from "./thrown-message.ts";

/** What an {@link InlineRuntime} can be given besides its handlers. */
export interface InlineRuntimeOptions {
  /** Names the handler of a task; undefined: none. @defaultValue the attribute `handler` if it is a string */
  readonly select?: ((task: Task) => string | undefined) | undefined;
  /** Measures the grace of a stop. @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
  /** Hears of handlers that do not end when they are stopped. @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
}

/** What an {@link InlineRuntime} finds a run by, in the process that started it. */
export type InlineHandle = {
  readonly version: 1;
  readonly id: string;
  readonly run: number;
  /** Keeps an owner from taking up a run that an earlier owner could not stop: it starts one of its own. */
  readonly attempt: number;
};

/**
 * Runs tasks as functions of the current process. What a handler returns is the task's result, as JSON says it; what it
 * throws is the message of its failure; see {@link Handler}.
 *
 * A handler is called one turn of the event loop after `start` has resolved, so that the owner's next step, storing the
 * handle, is under way before a handler that never yields can hold up the process. One that has been stopped by then is
 * not called. A handler cannot be forced to end: when one goes on after the grace of a stop, `stop` resolves all the same,
 * a warning is logged, and `wait` resolves when the handler has really returned.
 *
 * A run is kept in memory until it is destroyed. It cannot be adopted by another process: there its result is `failed`
 * for the reason `runtime`.
 *
 * ```ts
 * const runtime = new InlineRuntime({
 *   hello: async (task) => `Hello, ${task.attributes["name"]}!`,
 * });
 * ```
 */
export class InlineRuntime extends Runtime<InlineHandle> {
  readonly kind = "inline";
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #select: (task: Task) => string | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #runs = new Map<string, InlineRun>();

  /** @param handlers - by name; read now, later changes of the object have no effect */
  constructor(handlers: Readonly<Record<string, Handler>>, options: InlineRuntimeOptions = {}) {
    super();
    this.#handlers = new Map(Object.entries(handlers));
    this.#select = options.select ?? handlerAttribute;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
  }

  /** @throws RuntimeError `rejected` when the task names no handler, or one that is not known; its message lists them. */
  override async start(task: Task, run: RunContext): Promise<InlineHandle> {
    const handle: InlineHandle = { version: 1, id: task.id, run: run.number, attempt: run.attempt };
    const name = nameOf(handle);
    if (!this.#runs.has(name)) this.#runs.set(name, new InlineRun(this.#handlerOf(task), structuredClone(task), run));
    return handle;
  }

  override async wait(handle: InlineHandle): Promise<Result> {
    const run = this.#runs.get(nameOf(handle));
    if (run !== undefined) return run.result();
    const message = `The run ${nameOf(handle)} is not known to this process: it was destroyed, or another process had it.`;
    return { status: "failed", reason: "runtime", message };
  }

  override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
    const run = this.#runs.get(nameOf(handle));
    if (run === undefined || run.ended.aborted) return;
    run.ask(new StopReason("abort", "The run was stopped."));
    await this.#clock.sleep(options.graceMs, { signal: run.ended });
    if (run.ended.aborted) return;
    this.#logger.warn(
      { taskId: handle.id, run: handle.run, graceMs: options.graceMs },
      "handler did not end when stopped",
    );
  }

  /** Forgets the run. One that has not ended is asked to end, and `wait` answers that it was destroyed. */
  override async destroy(handle: InlineHandle): Promise<void> {
    const run = this.#runs.get(nameOf(handle));
    if (run === undefined) return;
    this.#runs.delete(nameOf(handle));
    run.ask(new StopReason("abort", "The run was destroyed."));
    run.giveUp("The run was destroyed before it ended.");
  }

  #handlerOf(task: Task): Handler {
    const name = this.#nameOfHandler(task);
    const handler = name === undefined ? undefined : this.#handlers.get(name);
    if (handler !== undefined) return handler;
    const known = [...this.#handlers.keys()].sort().join(", ") || "none";
    const fault =
      name === undefined ? "The task names no handler" : `There is no handler named ${JSON.stringify(name)}`;
    throw new RuntimeError("rejected", `${fault}. Known handlers: ${known}.`);
  }

  #nameOfHandler(task: Task): string | undefined {
    try {
      return this.#select(task);
    } catch (error) {
      throw new RuntimeError("rejected", `No handler could be selected: ${thrownMessage(error)}`, { cause: error });
    }
  }
}

function handlerAttribute(task: Task): string | undefined {
  const name = task.attributes["handler"];
  return typeof name === "string" ? name : undefined;
}

function nameOf(handle: InlineHandle): string {
  return `task-${handle.id}-${handle.run}-${handle.attempt}`;
}
