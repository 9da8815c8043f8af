import { RuntimeError, StopReason } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import { killRun } from "./kill-run.ts";
import type { ProcessTable } from "./process-table.ts";
import { isLaterThan, type RunRecord, runName } from "./run-record.ts";
import type { NotedRun, StateFolder } from "./state-folder.ts";

/** Ends runs that do not count any more, as the state folder names them. */
export class AbandonedRuns {
  readonly #state: StateFolder;
  readonly #table: ProcessTable;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(parts: {
    readonly state: StateFolder;
    readonly table: ProcessTable;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#state = parts.state;
    this.#table = parts.table;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Ends the runs whose owners have died. Never rejects: what cannot be ended now is met again. */
  async endOrphans(): Promise<void> {
    const runs = await this.#state.runs().catch((error: unknown) => this.#warn(undefined, error));
    for (const run of runs ?? []) {
      try {
        if (await this.#isOwnerAlive(run)) continue;
        await this.end(run);
        this.#logger.warn({ run: runName(run.record) }, "run of a process that has died ended");
      } catch (error) {
        this.#warn(run, error);
      }
    }
  }

  /**
   * Kills what is left of a run and removes it. Rejects when its processes do not die. An owner that is about to start
   * the command finds its note gone, or the command is there to be killed: it asks for the note when the command runs.
   */
  async end(run: NotedRun): Promise<void> {
    const { record } = (await this.#state.revoke(run.name)) ?? run;
    const isGone = await killRun(record, { table: this.#table, clock: this.#clock, isGroupOurs: false });
    if (!isGone) throw new Error(`Processes of ${runName(record)} do not end when killed.`);
    await this.#state.remove(run.name);
  }

  /**
   * Ends what other claims have of the run that was noted down as `own`. Of claims that do so at once, that which was
   * noted down last is left.
   *
   * @throws RuntimeError `runtime` when another was noted down later, or `signal` says that the task is another's
   */
  async endOthers(own: NotedRun, signal: AbortSignal): Promise<void> {
    const others = (await this.#state.runs(own.record)).filter(({ name }) => name !== own.name);
    for (const other of others)
      if (isLaterThan(other.record, own.record) && (await this.#isOwnerAlive(other))) throw overtaken(own.record);
    if (StopReason.is(signal.reason) && signal.reason.code === "lost") throw overtaken(own.record);
    for (const other of others) await this.end(other);
  }

  async #isOwnerAlive({ record: { owner } }: NotedRun): Promise<boolean> {
    const found = await this.#table.find(owner.pid);
    return found?.isRunning === true && found.start === owner.start;
  }

  #warn(found: NotedRun | undefined, error: unknown): undefined {
    const run = found === undefined ? undefined : runName(found.record);
    this.#logger.warn({ run, error: errorMessage(error) }, "run of a process that has died not ended");
  }
}

/** Why a claim does not run its task: others have it now, and what becomes of this start is told to nobody. */
export function overtaken({ taskId }: Pick<RunRecord, "taskId">): RuntimeError {
  return new RuntimeError("runtime", `A later owner of task ${taskId} runs it.`);
}
