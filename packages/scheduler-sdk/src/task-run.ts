import { isRecoverable, type Result, type StopCode, StopReason } from "@mayfly/runtime";
import { crashPoint, errorMessage } from "@mayfly/service";
import type { End, EndAnswer, LeaseSignal, ReleaseAnswer, ReleaseRequest } from "@mayfly/store";
import type { ReasonCode, TaskView } from "@mayfly/task";
import type { Claimed } from "./claim-task.ts";
import { fired } from "./fired.ts";
import { logHeading } from "./log-heading.ts";
import { LogWriter } from "./log-writer.ts";
import { OwnedTask, type OwnershipSignal } from "./owned-task.ts";
import { ProgressReporter } from "./progress-reporter.ts";
import { retryDelayMs } from "./retry.ts";
import type { RunEnvironment } from "./run-environment.ts";
import { endOf, reasonOf } from "./task-end.ts";
import { TaskWork } from "./task-work.ts";

/** After how long a task is due again that was given back while its work went on, in milliseconds. */
const abandonedDelayMs = 2_000;

/**
 * One claim, from the start in the runtime to the end in the store.
 *
 * States: `working` → (the work ends) → reported; `working` → (told to stop) → `stopping` → ended, released or left. The
 * first reason to stop counts. The store has the last word on the outcome.
 */
export class TaskRun {
  readonly #env: RunEnvironment;
  readonly #claimed: Claimed;
  readonly #owned: OwnedTask;
  readonly #progress: ProgressReporter;
  readonly #log: LogWriter;
  readonly #work: TaskWork;
  readonly #stopped = new AbortController();
  readonly #abandoned = new AbortController();

  constructor(env: RunEnvironment, claimed: Claimed) {
    this.#env = env;
    this.#claimed = claimed;
    this.#owned = new OwnedTask(env, claimed, (signal) => this.#onOwnership(signal));
    this.#progress = new ProgressReporter({ ...env, owned: this.#owned });
    this.#log = new LogWriter({ ...env, owned: this.#owned, heading: logHeading(env.runtime, claimed.granted) });
    this.#work = new TaskWork({
      env,
      claimed,
      owned: this.#owned,
      progress: this.#progress,
      log: this.#log,
      stopped: this.#stopped.signal,
      abandoned: this.#abandoned.signal,
    });
  }

  /** Whose claim it is. */
  get id(): string {
    return this.#owned.owner.id;
  }

  /** Whether the store has not said yet that the task is another's, or over. */
  get isOwned(): boolean {
    return this.#owned.isOwned;
  }

  /** Writes the task back if the store has lost it. Rejects only when the store has been closed. */
  async restore(): Promise<void> {
    await this.#owned.restore();
  }

  /** Resolves when the work has really ended (or was abandoned) and the store knows: then its slot is free. */
  async execute(): Promise<void> {
    const { leases, clock } = this.#env;
    leases.add(this.#owned.owner, this.#claimed.sentAtMs);
    const timer = clock.setTimer(this.#owned.leftMs, () => this.stop("timeout"));
    try {
      const work = this.#work.run();
      const result = await Promise.race([work, fired(this.#stopped.signal)]);
      timer.cancel();
      if (result !== undefined) await this.#report(result);
      else await this.#end(work);
    } finally {
      timer.cancel();
      leases.remove(this.#owned.owner);
      await Promise.all([this.#owned.close(), this.#endReports()]);
    }
  }

  /** Tells the work to end early. The first call counts. */
  stop(code: StopCode): void {
    if (!this.#stopped.signal.aborted) this.#stopped.abort(new StopReason(code, stopMessages[code]));
  }

  /** What the lease keeper says. */
  onLeaseSignal(signal: LeaseSignal): void {
    switch (signal) {
      case "abort":
      case "timeout":
        return this.stop(signal);
      case "stale":
      case "gone":
        this.#owned.settle(signal);
        return this.#onOwnership(signal);
      case "fenced":
        return this.stop("lost");
      case "lost":
        this.#owned.restore().catch((error: unknown) => {
          this.#env.logger.error({ task: this.#owned.owner.id, error: errorMessage(error) }, "task not written back");
        });
    }
  }

  /** Waits for the work no longer: the task is given back although the work may go on. */
  abandon(): void {
    this.#abandoned.abort();
  }

  #onOwnership(signal: OwnershipSignal): void {
    if (signal === "abort") this.stop("abort");
    else if (signal === "gone") this.stop(this.#owned.leftMs <= 0 ? "timeout" : "abort");
    else this.stop("lost");
  }

  /** The work has ended by itself. */
  async #report(result: Result): Promise<void> {
    const delayMs = this.#retryDelayMs(result);
    const answer =
      result.status === "failed" && delayMs !== undefined
        ? await this.#release({ cause: "retry", delayMs, reason: reasonOf(result) })
        : await this.#finish(endOf(result));
    // Unless the store took this, the next owner adopts the work and hears from it how it ended.
    const isTaken = answer !== undefined && answer.answer !== "stale";
    if (isTaken || !isRecoverable(this.#env.runtime)) await this.#work.destroy();
  }

  /** After how long work that ended so runs again; undefined: it does not. */
  #retryDelayMs(result: Result): number | undefined {
    const { retry } = this.#env;
    if (result.status !== "failed" || result.reason === "rejected" || retry === undefined) return undefined;
    const delayMs = retryDelayMs(retry.backoffMs, this.#claimed.granted.failures + 1);
    return delayMs < this.#owned.leftMs ? delayMs : undefined;
  }

  /** The work was told to stop: see the table in the documentation of runtimes. */
  async #end(work: Promise<Result>): Promise<void> {
    const { code } = this.#stopped.signal.reason as StopReason;
    const { id, attempt } = this.#owned.owner;
    this.#env.logger.info({ task: id, attempt, code }, "task told to stop");
    this.#log.hurry();
    if (isRecoverable(this.#env.runtime) && (code === "lost" || code === "shutdown")) return this.#handOver(work);
    const result = await this.#work.stop(work);
    switch (code) {
      case "abort":
        await this.#finish({ outcome: "aborted", reason: { code: "requested" } });
        break;
      case "timeout":
        await this.#log.close();
        await this.#seeEnd(5);
        break;
      case "shutdown":
        if (result?.status === "complete") await this.#finish(endOf(result));
        else await this.#giveBack(result);
        break;
      case "lost":
        await this.#giveBack(result);
    }
    await Promise.race([work, fired(this.#abandoned.signal)]);
    await this.#work.destroy();
  }

  /**
   * The work goes on for the next owner. A start under way is awaited: its handle is what the next one adopts. If the task
   * has ended meanwhile there is no next one.
   */
  async #handOver(work: Promise<Result>): Promise<void> {
    await this.#work.adoptable();
    const answer = await this.#release({ cause: "hand_over", delayMs: 0 });
    if (answer?.answer !== "ended" && answer?.answer !== "gone") return;
    await this.#work.stop(work);
    await this.#work.destroy();
  }

  /**
   * The work starts anew, elsewhere. So also when its lease could not be renewed: the store may have lost the task, and
   * this owner may have the last copy of it.
   */
  async #giveBack(result: Result | undefined): Promise<void> {
    if (!this.#owned.isOwned) return;
    if (result !== undefined) await this.#work.destroy();
    await this.#release({ cause: "give_back", delayMs: result === undefined ? abandonedDelayMs : 0 });
  }

  /** What the work has said and reported: after its end the store takes nothing more. */
  async #endReports(): Promise<void> {
    await Promise.all([this.#progress.close(), this.#log.close()]);
  }

  async #finish(end: End): Promise<EndAnswer | undefined> {
    await this.#endReports();
    const answer = await this.#owned.finish(end);
    if (answer?.answer === "ended") {
      crashPoint("scheduler.after_finish");
      await this.#tellEnd(answer.view);
    } else if (answer?.answer === "gone") await this.#seeEnd(1);
    else this.#note("result not taken", answer?.answer);
    return answer;
  }

  async #release(request: ReleaseRequest): Promise<ReleaseAnswer | undefined> {
    await this.#endReports();
    const answer = await this.#owned.release(request);
    if (answer?.answer === "ended") await this.#tellEnd(answer.view);
    else if (answer?.answer === "gone") await this.#seeEnd(1);
    else this.#note("task released", answer?.answer, { cause: request.cause, delayMs: request.delayMs });
    return answer;
  }

  /** Others end what is overdue, within a second of its time; this only waits to tell of it. */
  async #seeEnd(readings: number): Promise<void> {
    const { clock, closing } = this.#env;
    for (let reading = 1; reading <= readings; reading++) {
      const view = await this.#owned.view();
      if (view?.state === "done") return this.#tellEnd(view);
      if (closing.aborted) break;
      if (reading < readings) await clock.sleep(500, { signal: closing });
    }
    this.#note("end of the task not seen", undefined);
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
    const { id, attempt } = this.#owned.owner;
    this.#env.logger.info({ task: id, attempt, answer: answer ?? "none", ...fields }, message);
  }
}

const stopMessages: Readonly<Record<StopCode, string>> = {
  abort: "The task is to be aborted.",
  timeout: "The task's time is over.",
  lost: "Another instance may own the task now.",
  shutdown: "This process ends; the task will run elsewhere.",
};
