import type { Task } from "@mayfly/task";
import type { Result } from "./result.ts";
import { returnedResult } from "./returned-result.ts";
import type { Handler, HandlerContext, RunContext } from "./run-context.ts";
import { thrownMessage } from "./thrown-message.ts";

/**
 * One call of a handler.
 *
 * States: `accepted` (a turn of the event loop) → `running` → `ended`. Asked to end while accepted, it ends without
 * having called the handler. Given up (destroyed) while running, it ends although the handler has not returned.
 */
export class InlineRun {
  readonly #controller = new AbortController();
  readonly #ended = new AbortController();
  readonly #context: RunContext;
  #rejection: string | undefined;
  #result: Result | undefined;

  constructor(handler: Handler, task: Task, context: RunContext) {
    this.#context = context;
    if (context.signal.aborted) this.#forward();
    else context.signal.addEventListener("abort", this.#forward);
    // A turn later, not a microtask: the owner stores the handle before a handler that never yields can block the process.
    setImmediate(() => void this.#call(handler, task));
  }

  /** Fires when the run has ended. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** How it ended: the same object each time. */
  result(): Promise<Result> {
    return new Promise((resolve) => {
      const answer = (): void => resolve(this.#result as Result);
      if (this.ended.aborted) answer();
      else this.ended.addEventListener("abort", answer, { once: true });
    });
  }

  /** Asks the handler to end. An earlier reason stays. */
  ask(reason: unknown): void {
    if (!this.ended.aborted) this.#controller.abort(reason);
  }

  /** Ends the run without its handler, which cannot be forced: what it does from now on has no effect here. */
  giveUp(message: string): void {
    this.#end({ status: "failed", reason: "runtime", message });
  }

  readonly #forward = (): void => this.ask(this.#context.signal.reason);

  async #call(handler: Handler, task: Task): Promise<void> {
    const { signal } = this.#controller;
    if (signal.aborted) {
      this.giveUp(`The run was stopped before its handler was called: ${thrownMessage(signal.reason)}`);
      return;
    }
    let result: Result;
    try {
      result = returnedResult(await handler(task, this.#handlerContext()));
    } catch (error) {
      result = { status: "failed", reason: "failed", message: thrownMessage(error) };
    }
    // Calling `reject` decides, whatever the code between it and here made of what it throws.
    if (this.#rejection !== undefined) result = { status: "failed", reason: "rejected", message: this.#rejection };
    this.#end(result);
  }

  #handlerContext(): HandlerContext {
    const run = this.#context;
    return {
      signal: this.#controller.signal,
      attempt: run.attempt,
      number: run.number,
      deadline: run.deadline,
      traceparent: run.traceparent,
      log: (line) => run.log(line),
      progress: (value) => run.progress(value),
      reject: (message) => {
        this.#rejection ??= message;
        throw new Error(message);
      },
    };
  }

  #end(result: Result): void {
    if (this.#result !== undefined) return;
    this.#result = result;
    this.#context.signal.removeEventListener("abort", this.#forward);
    this.#ended.abort();
  }
}
