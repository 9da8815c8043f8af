import {
  isRecoverable,
  type Result,
  type RunContext,
  type Runtime,
  RuntimeError,
  type StopCode,
  StopReason,
} from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger, type Timer } from "@mayfly/service";
import type { End, LeaseKeeper, LeaseSignal, ReleaseRequest, TaskStore } from "@mayfly/store";
import type { JsonValue, ReasonCode, Task, TaskView } from "@mayfly/task";
import type { Claimed } from "./claim-task.ts";
import { ProgressReporter } from "./progress-reporter.ts";
import { type RetryOptions, retryDelayMs } from "./retry.ts";
import { endOf, reasonOf } from "./task-end.ts";
import { untilAnswered } from "./until-answered.ts";

/** What every run of a scheduler shares. */
export interface RunEnvironment {
  readonly store: TaskStore;
  readonly runtime: Runtime;
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the end of a task waits for work that was told to stop, in milliseconds. */
  readonly stopGraceMs: number;
  readonly retry: RetryOptions | undefined;
  /** Told of each end that this scheduler decides or sees. Never throws. */
  readonly onEnd: (task: Task, view: TaskView) => Promise<void>;
  /** Fires when the process can wait for nothing any more. */
  readonly closing: AbortSignal;
}

/** After how long a task is due again that was given back while its work went on. */
const abandonedDelayMs = 2_000;

/**
 * The work of one claim, from the start in the runtime to the end in the store.
 *
 * States: `working` → (the work ends) → reported; `working` → (told to stop) → `stopping` → ended, released or left. The
 * first reason to stop counts. The store has the last word on the outcome.
 */
export class TaskRun {
  readonly #env: RunEnvironment;
  readonly #claimed: Claimed;
  readonly #progress: ProgressReporter;
  readonly #stopped = new AbortController();
  readonly #abandoned = new AbortController();
  #handle: Promise<JsonValue> | undefined;

  constructor(env: RunEnvironment, claimed: Claimed) {
    this.#env = env;
    this.#claimed = claimed;
    this.#progress = new ProgressReporter({ ...env, owner: claimed.owner });
  }

  /** Resolves when the work has really ended (or was abandoned) and the store knows: then its slot is free. */
  async execute(): Promise<void> {
    const { leases, clock } = this.#env;
    const { owner, granted, sentAtMs, answeredAtMs } = this.#claimed;
    leases.add(owner, sentAtMs);
    const timer: Timer = clock.setTimer(answeredAtMs + granted.remainingMs - clock.monotonicMs(), () =>
      this.stop("timeout"),
    );
    try {
      const work = this.#work();
      const result = await Promise.race([work, fired(this.#stopped.signal)]);
      timer.cancel();
      if (result !== undefined) await this.#report(result);
      else await this.#end(work);
    } finally {
      timer.cancel();
      await this.#progress.close();
      leases.remove(owner);
    }
  }

  /** Tells the work to end early. The first call counts. */
  stop(code: StopCode): void {
    if (!this.#stopped.signal.aborted) this.#stopped.abort(new StopReason(code, stopMessages[code]));
  }

  /** What the lease keeper says. */
  onLeaseSignal(signal: LeaseSignal): void {
    const isOverdue = this.#leftMs() <= 0;
    if (signal === "abort" || signal === "timeout") this.stop(signal);
    else if (signal === "gone") this.stop(isOverdue ? "timeout" : "abort");
    else this.stop("lost");
  }

  /** Waits for the work no longer: the task is given back although the work may go on. */
  abandon(): void {
    this.#abandoned.abort();
  }

  #leftMs(): number {
    const { answeredAtMs, granted } = this.#claimed;
    return answeredAtMs + granted.remainingMs - this.#env.clock.monotonicMs();
  }

  /** Starts (or adopts) the work and waits for its end; a fault of the runtime is a result. */
  async #work(): Promise<Result> {
    const { runtime, logger } = this.#env;
    const { owner } = this.#claimed;
    const context = this.#context();
    try {
      this.#handle = this.#begin(context);
      const handle = await this.#handle;
      logger.debug({ task: owner.id, attempt: owner.attempt }, "task started");
      return await runtime.wait(handle, context);
    } catch (error) {
      const isRejected = RuntimeError.is(error) && error.code === "rejected";
      return { status: "failed", reason: isRejected ? "rejected" : "runtime", message: errorMessage(error) };
    }
  }

  async #begin(context: RunContext): Promise<JsonValue> {
    const { store, runtime } = this.#env;
    const { task, owner, granted } = this.#claimed;
    const scope = isRecoverable(runtime) ? runtime.scope : undefined;
    const isReachable =
      scope !== undefined && granted.handle?.scope === scope && granted.handle.runtime === runtime.kind;
    if (isReachable) return granted.handle.handle;
    const handle = await runtime.start(task, context);
    // A handle that is not stored only costs a successor the chance to adopt; the heartbeat tells of a lost lease.
    await store.attach(owner, { runtime: runtime.kind, scope, handle }).catch((error: unknown) => {
      this.#env.logger.warn({ task: owner.id, error: errorMessage(error) }, "handle not stored");
    });
    return handle;
  }

  #context(): RunContext {
    const { clock, logger } = this.#env;
    const { owner, granted, traceparent } = this.#claimed;
    return {
      signal: this.#stopped.signal,
      attempt: granted.attempt,
      number: granted.run,
      deadline: clock.now() + this.#leftMs(),
      log: (line) =>
        logger.info({ task: owner.id, attempt: granted.attempt, line: String(line).slice(0, 8_192) }, "task says"),
      progress: (value) => this.#progress.report(value),
      traceparent,
    };
  }

  /** The work has ended by itself. */
  async #report(result: Result): Promise<void> {
    const { retry } = this.#env;
    if (result.status === "failed" && result.reason !== "rejected" && retry !== undefined) {
      const delayMs = retryDelayMs(retry.backoffMs, this.#claimed.granted.failures + 1);
      if (delayMs < this.#leftMs()) {
        await this.#destroy();
        return this.#release({ cause: "retry", delayMs, reason: reasonOf(result) });
      }
    }
    await this.#finish(endOf(result));
    await this.#destroy();
  }

  /** The work was told to stop: see the table in the documentation of runtimes. */
  async #end(work: Promise<Result>): Promise<void> {
    const { runtime } = this.#env;
    const { code } = this.#stopped.signal.reason as StopReason;
    this.#env.logger.info(
      { task: this.#claimed.owner.id, attempt: this.#claimed.owner.attempt, code },
      "task told to stop",
    );
    if (isRecoverable(runtime) && (code === "lost" || code === "shutdown")) {
      // A start under way is awaited: its handle is what the next owner adopts.
      await Promise.race([this.#handle?.catch(() => undefined), fired(this.#abandoned.signal)]);
      if (code === "shutdown") await this.#release({ cause: "hand_over", delayMs: 0 });
      return;
    }
    const result = await this.#stopWork(work);
    if (code === "abort") await this.#finish({ outcome: "aborted", reason: { code: "requested" } });
    else if (code === "timeout") await this.#seeEnd();
    else if (code === "shutdown") await this.#giveBack(result);
    await Promise.race([work, fired(this.#abandoned.signal)]);
    await this.#destroy();
  }

  /** Asks the runtime to stop the work; resolves with its result, or undefined when the grace is over first. */
  async #stopWork(work: Promise<Result>): Promise<Result | undefined> {
    const { runtime, clock, logger, stopGraceMs } = this.#env;
    const graceMs = stopGraceMs;
    const asked = this.#handle
      ?.then((handle) => runtime.stop(handle, { graceMs }))
      .catch((error: unknown) => {
        logger.warn({ task: this.#claimed.owner.id, error: errorMessage(error) }, "runtime could not stop the task");
      });
    const isOver = clock.sleep(graceMs, { signal: this.#abandoned.signal }).then(() => undefined);
    const ended = work.then(async (result) => {
      await asked;
      return result;
    });
    return Promise.race([ended, isOver]);
  }

  /** After a shutdown: returning is complete, anything else starts anew elsewhere. */
  async #giveBack(result: Result | undefined): Promise<void> {
    if (result?.status === "complete") return this.#finish(endOf(result));
    if (result !== undefined) await this.#destroy();
    await this.#release({ cause: "give_back", delayMs: result === undefined ? abandonedDelayMs : 0 });
  }

  async #finish(end: End): Promise<void> {
    await this.#progress.close();
    const answer = await this.#ask(() => this.#env.store.finish(this.#claimed.owner, end));
    if (answer?.answer === "ended") await this.#tellEnd(answer.view);
    else this.#note("result not taken", answer?.answer);
  }

  async #release(request: ReleaseRequest): Promise<void> {
    await this.#progress.close();
    const answer = await this.#ask(() => this.#env.store.release(this.#claimed.owner, request));
    if (answer?.answer === "ended") await this.#tellEnd(answer.view);
    else this.#note("task released", answer?.answer, { cause: request.cause, delayMs: request.delayMs });
  }

  /** The sweeper ends what is overdue, within a second of its time; this only waits to tell of it. */
  async #seeEnd(): Promise<void> {
    const { store, clock, closing } = this.#env;
    for (let reads = 0; reads < 5 && !closing.aborted; reads++) {
      const view = await this.#ask(() => store.find(this.#claimed.owner.id));
      if (view?.state === "done") return this.#tellEnd(view);
      await clock.sleep(500, { signal: closing });
    }
    this.#note("end of the task not seen", undefined);
  }

  #ask<T>(step: () => Promise<T>): Promise<T | undefined> {
    return untilAnswered(step, { clock: this.#env.clock, logger: this.#env.logger, signal: this.#env.closing });
  }

  async #tellEnd(view: TaskView): Promise<void> {
    this.#note("task ended", view.outcome, { reason: view.reason?.code });
    await this.#env.onEnd(this.#claimed.task, view);
  }

  #note(
    message: string,
    answer: string | undefined,
    fields: { readonly [name: string]: unknown; reason?: ReasonCode | undefined } = {},
  ): void {
    const { id, attempt } = this.#claimed.owner;
    this.#env.logger.info({ task: id, attempt, answer: answer ?? "none", ...fields }, message);
  }

  async #destroy(): Promise<void> {
    try {
      const handle = await Promise.race([this.#handle, fired(this.#abandoned.signal)]);
      if (handle !== undefined) await this.#env.runtime.destroy(handle);
    } catch (error) {
      // A start that failed left nothing; cleaning up never changes a result.
      this.#env.logger.debug({ task: this.#claimed.owner.id, error: errorMessage(error) }, "run not destroyed");
    }
  }
}

const stopMessages: Readonly<Record<StopCode, string>> = {
  abort: "The task is to be aborted.",
  timeout: "The task's time is over.",
  lost: "Another instance may own the task now.",
  shutdown: "This process ends; the task will run elsewhere.",
};

/** Resolves with undefined when `signal` fires. For signals that live as long as one run. */
function fired(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
