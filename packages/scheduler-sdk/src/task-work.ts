import { isRecoverable, type Result, type RunContext, RuntimeError } from "@mayfly/runtime";
import { crashPoint, errorMessage } from "@mayfly/service";
import type { JsonValue } from "@mayfly/task";
import { adoptedHandle } from "./adopted-handle.ts";
import type { Claimed } from "./claim-task.ts";
import { fired } from "./fired.ts";
import { logLine } from "./log-line.ts";
import type { LogWriter } from "./log-writer.ts";
import type { OwnedTask } from "./owned-task.ts";
import type { ProgressReporter } from "./progress-reporter.ts";
import type { RunEnvironment } from "./run-environment.ts";

/** What the work of a claim is made of. */
export interface TaskWorkOptions {
  readonly env: RunEnvironment;
  readonly claimed: Claimed;
  readonly owned: OwnedTask;
  readonly progress: ProgressReporter;
  readonly log: LogWriter;
  /** Tells the work to end early. */
  readonly stopped: AbortSignal;
  /** Fires when nobody waits for the work any more. */
  readonly abandoned: AbortSignal;
}

/** The work of one claim in the runtime: started or adopted, stopped, cleaned up. */
export class TaskWork {
  readonly #options: TaskWorkOptions;
  #handle: Promise<JsonValue> | undefined;
  #attached: Promise<unknown> | undefined;
  #isRunning = false;

  constructor(options: TaskWorkOptions) {
    this.#options = options;
  }

  /** Starts (or adopts) the work and waits for its end; a fault of the runtime is a result. */
  async run(): Promise<Result> {
    const { env, owned } = this.#options;
    const context = this.#context();
    let result: Result;
    try {
      this.#handle = this.#begin(context);
      const handle = await this.#handle;
      env.logger.debug({ task: owned.owner.id, attempt: owned.owner.attempt }, "task started");
      this.#isRunning = true;
      // A turn of the event loop later work in this process has begun.
      setImmediate(() => this.#tellRunning());
      result = await env.runtime.wait(handle, context);
    } catch (error) {
      const isRejected = RuntimeError.is(error) && error.code === "rejected";
      result = { status: "failed", reason: isRejected ? "rejected" : "runtime", message: errorMessage(error) };
    }
    this.#isRunning = false;
    crashPoint("scheduler.after_end");
    return result;
  }

  /**
   * Resolves when a start under way has ended and what finds the work again is stored: then the next owner can adopt
   * it. Also when it was abandoned.
   */
  async adoptable(): Promise<void> {
    const stored = this.#handle?.then(() => this.#attached).catch(() => undefined);
    await Promise.race([stored, fired(this.#options.abandoned)]);
  }

  /** Asks the runtime to stop the work; resolves with its result, or undefined when the grace is over first. */
  async stop(result: Promise<Result>): Promise<Result | undefined> {
    const { env, owned, abandoned } = this.#options;
    const { runtime, clock, logger, stopGraceMs: graceMs } = env;
    const asked = this.#handle
      ?.then((handle) => runtime.stop(handle, { graceMs }))
      .catch((error: unknown) => {
        logger.warn({ task: owned.owner.id, error: errorMessage(error) }, "runtime could not stop the task");
      });
    const isOver = clock.sleep(graceMs, { signal: abandoned }).then(() => undefined);
    const ended = result.then(async (value) => {
      await asked;
      return value;
    });
    return Promise.race([ended, isOver]);
  }

  /** Removes what is left of the work. Never fails. */
  async destroy(): Promise<void> {
    const { env, owned, abandoned } = this.#options;
    try {
      const handle = await Promise.race([this.#handle, fired(abandoned)]);
      if (handle !== undefined) await env.runtime.destroy(handle);
    } catch (error) {
      // A start that failed left nothing; cleaning up never changes a result.
      env.logger.debug({ task: owned.owner.id, error: errorMessage(error) }, "run not destroyed");
    }
  }

  async #begin(context: RunContext): Promise<JsonValue> {
    const { env, claimed, owned, stopped } = this.#options;
    const { runtime } = env;
    const adopted = adoptedHandle(runtime, claimed.granted);
    if (adopted !== undefined) return adopted.handle;
    if (stopped.aborted) throw new RuntimeError("runtime", `The work did not begin: ${errorMessage(stopped.reason)}`);
    const scope = isRecoverable(runtime) ? runtime.scope : undefined;
    const handle = await runtime.start(claimed.task, context);
    // Nobody waits for it here: a store that is away must not keep the work from being waited for, or stopped.
    this.#attached = owned.attach({ runtime: runtime.kind, scope, handle }).then((isStored) => {
      if (isStored) crashPoint("scheduler.after_start");
    });
    return handle;
  }

  #context(): RunContext {
    const { env, claimed, owned, progress, log, stopped } = this.#options;
    const { granted, copy } = claimed;
    const isAdopted = adoptedHandle(env.runtime, granted) !== undefined;
    return {
      signal: stopped,
      attempt: granted.attempt,
      number: granted.run,
      deadline: env.clock.now() + owned.leftMs,
      loggedAt: isAdopted ? granted.loggedAt : undefined,
      log: (line, options) => {
        this.#tellRunning();
        const said = logLine(line);
        env.logger.debug({ task: owned.owner.id, attempt: granted.attempt, line: said }, "task says");
        log.say(said, options?.saidAt);
      },
      progress: (value) => {
        this.#tellRunning();
        progress.report(value);
      },
      traceparent: copy.traceparent,
    };
  }

  /** Once for each run that is seen running. */
  #tellRunning(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    crashPoint("scheduler.while_running");
  }
}
