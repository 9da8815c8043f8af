import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type Checkable, type Health, type Result, type RunContext, Runtime, RuntimeError } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import { AbandonedRuns, overtaken } from "./abandoned-runs.ts";
import { hostProcessTable } from "./host-process-table.ts";
import { OutputLines } from "./output-lines.ts";
import { type HostEnvironment, placeIn, prepareCommand } from "./prepare-command.ts";
import { ProcessRun } from "./process-run.ts";
import { type ProcessSpec, type ProcessSpecInput, processSpecSchema } from "./process-spec.ts";
import type { ProcessTable } from "./process-table.ts";
import { hostMs, type RunRecord, runName, uniqueName } from "./run-record.ts";
import { type SelectedCommand, selectCommand } from "./select-command.ts";
import { type NotedRun, StateFolder } from "./state-folder.ts";

/** What a {@link ProcessRuntime} can be given besides its spec. */
export interface ProcessRuntimeOptions extends HostEnvironment {
  /** Measures deadlines and graces. @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
  /** Hears of runs of processes that have died, and of processes that do not die. @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
  /**
   * Where runs are noted down, and have their private folders; for this user alone. Runtimes of one host share it.
   * @defaultValue `mayfly-process-<uid>` in the folder for temporary files
   */
  readonly stateFolder?: string | undefined;
  /** How long a command may go on when it is told that its time is over, in milliseconds. @defaultValue 5000 */
  readonly deadlineGraceMs?: number | undefined;
  /** @internal */
  readonly table?: ProcessTable | undefined;
}

/**
 * What a {@link ProcessRuntime} finds a run by, in the process that started it. A handle of version 1 has no mark, and
 * is taken for that of a run that was destroyed.
 */
export type ProcessHandle = {
  readonly version: 2;
  readonly taskId: string;
  readonly run: number;
  /** The claim that started the run. After the store has lost its data, another claim may have the same number. */
  readonly attempt: number;
  /** What tells this run from any other: the value of MAYFLY_RUN_MARK in its processes. */
  readonly mark: string;
};

/** What this process has started for a claim. */
interface OwnedRun {
  readonly handle: ProcessHandle;
  /** Fires when the owner is told to end the run. */
  readonly signal: AbortSignal;
  readonly started: Promise<ProcessRun>;
  destroying?: Promise<void> | undefined;
}

/**
 * Runs a command of its spec for each task, in a process group of its own. The task is its input, as JSON; its exit code
 * is the result. Nothing that a command has started outlives it.
 *
 * A run cannot be adopted by another process, for only a parent can read an exit code: when the scheduler's process
 * dies, the commands that it leaves are killed by the next runtime with the same state folder, when it is made and
 * before it starts the same run. Of two claims of a run on a host, the one that starts it last ends what the other has
 * started, in whichever process; a claim whose signal says `lost` starts nothing.
 *
 * ```ts
 * const runtime = new ProcessRuntime({ commands: { date: { argv: ["/bin/date", "-u"] } } });
 * ```
 */
export class ProcessRuntime extends Runtime<ProcessHandle> implements Checkable {
  readonly kind = "process";
  readonly #spec: ProcessSpec;
  readonly #options: ProcessRuntimeOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #table: ProcessTable;
  readonly #state: StateFolder;
  readonly #abandoned: AbandonedRuns;
  /** By their marks. */
  readonly #runs = new Map<string, OwnedRun>();
  readonly #cleared: Promise<void>;

  /** @throws ZodError when `spec` is not what {@link processSpecSchema} says */
  constructor(spec: ProcessSpecInput, options: ProcessRuntimeOptions = {}) {
    super();
    this.#spec = processSpecSchema.parse(spec);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#table = options.table ?? hostProcessTable();
    this.#state = new StateFolder(options.stateFolder ?? join(tmpdir(), `mayfly-process-${userInfo().uid}`));
    const parts = { state: this.#state, table: this.#table, clock: this.#clock, logger: this.#logger };
    this.#abandoned = new AbandonedRuns(parts);
    this.#cleared = this.#abandoned.endOrphans();
  }

  /**
   * Starts the command that the task's attribute `command` names, with the `arguments` that the spec allows.
   *
   * @throws RuntimeError `rejected` when the spec or the host has no such command; `runtime` when the host cannot start it
   */
  override async start(task: Task, run: RunContext): Promise<ProcessHandle> {
    await Promise.allSettled(this.#runsOf(task, run).map(async ({ destroying }) => destroying));
    const earlier = this.#runsOf(task, run).filter(({ destroying, signal }) => !destroying && !signal.aborted);
    const { handle, started } =
      earlier.find((each) => each.handle.attempt === run.attempt) ?? this.#begin(task, run, earlier);
    try {
      await started;
    } catch (error) {
      this.#runs.delete(handle.mark);
      if (RuntimeError.is(error)) throw error;
      const message = `The command of ${runName(handle)} could not be started: ${errorMessage(error)}`;
      throw new RuntimeError("runtime", message, { cause: error });
    }
    return handle;
  }

  /** Resolves with how the command has ended; for a run that this process does not know: failed, for the reason `runtime`. */
  override async wait(handle: ProcessHandle): Promise<Result> {
    const run = await this.#find(handle);
    if (run !== undefined) return run.result;
    const message = `The run ${runName(handle)} is not known to this process: it was destroyed, or another process had it.`;
    return { status: "failed", reason: "runtime", message };
  }

  /** Resolves when no process of the run is left. A second call may shorten the grace. */
  override async stop(handle: ProcessHandle, options: { readonly graceMs: number }): Promise<void> {
    const run = await this.#find(handle);
    await run?.stop(options.graceMs);
  }

  /** Kills what runs, and removes the run's folder; of no other claim's run. */
  override async destroy(handle: ProcessHandle): Promise<void> {
    const run = this.#runs.get(handle.mark);
    if (run === undefined) return this.#endNoted(handle);
    run.destroying ??= this.#destroyRun(run).finally(() => (run.destroying = undefined));
    await run.destroying;
  }

  /** Whether this host has process groups, and the state folder is there for this user alone. */
  async health(): Promise<Health> {
    if (process.platform === "win32") return { status: "unhealthy", message: "Windows has no process groups." };
    try {
      await this.#state.open();
      await this.#table.find(process.pid);
      return { status: "healthy" };
    } catch (error) {
      return { status: "unhealthy", message: errorMessage(error) };
    }
  }

  /** What this process has of a run of a task, for whichever claims. */
  #runsOf({ id }: Task, { number }: RunContext): readonly OwnedRun[] {
    return [...this.#runs.values()].filter(({ handle }) => handle.taskId === id && handle.run === number);
  }

  async #find({ mark }: ProcessHandle): Promise<ProcessRun | undefined> {
    return this.#runs.get(mark)?.started.catch(() => undefined);
  }

  #begin(task: Task, run: RunContext, earlier: readonly OwnedRun[]): OwnedRun {
    const { number, attempt, signal } = run;
    const handle: ProcessHandle = { version: 2, taskId: task.id, run: number, attempt, mark: randomUUID() };
    // Of claims of this process it is known which still count: attempts of other processes may be from before a wipe.
    const isOvertaken = earlier.some((each) => each.handle.attempt > attempt);
    const started = isOvertaken ? Promise.reject(overtaken(handle)) : this.#startRun(task, run, handle);
    const owned: OwnedRun = { handle, signal, started };
    this.#runs.set(handle.mark, owned);
    return owned;
  }

  async #startRun(task: Task, run: RunContext, handle: ProcessHandle): Promise<ProcessRun> {
    const selected = selectCommand(this.#spec, task);
    await this.#cleared;
    const owner = { pid: process.pid, start: (await this.#table.find(process.pid))?.start ?? 0 };
    const record: RunRecord = { ...handle, version: 1, owner, notedAtMs: hostMs() };
    const noted = { name: uniqueName(record), record };
    try {
      await this.#state.note(noted);
      await this.#abandoned.endOthers(noted, run.signal);
      const started = await this.#spawn(selected, task, run, noted);
      await this.#confirm(noted, started).catch(async (error: unknown) => {
        await started.stop(0);
        throw error;
      });
      return started;
    } catch (error) {
      // What matters is why it did not start, not what became of an empty folder.
      await this.#state.remove(noted.name).catch(() => undefined);
      throw error;
    }
  }

  /** Only now is it certain that whoever has revoked the run meanwhile finds its processes. */
  async #confirm({ name, record }: NotedRun, started: ProcessRun): Promise<void> {
    if (!(await this.#state.isNoted(name))) throw overtaken(record);
    await this.#state.note({ name, record: { ...record, leader: started.identity.leader } });
  }

  async #spawn(selected: SelectedCommand, task: Task, run: RunContext, noted: NotedRun): Promise<ProcessRun> {
    const { name, record } = noted;
    const place = placeIn(await this.#state.makeFolder(name), record.mark);
    const input = JSON.stringify(task);
    await writeFile(place.taskPath, input, { mode: 0o600 });
    const prepared = await prepareCommand(selected, task, run, place, this.#options);
    const { maxLogBytes: maxBytes, maxLogLineBytes: maxLineBytes, rejectExitCodes } = selected.command;
    return ProcessRun.start({
      ...prepared,
      name: runName(record),
      input,
      mark: record.mark,
      resultPath: place.resultPath,
      rejectExitCodes,
      output: new OutputLines({ log: (line) => run.log(line), maxBytes, maxLineBytes }),
      deadline: run.deadline,
      deadlineGraceMs: this.#options.deadlineGraceMs ?? 5_000,
      table: this.#table,
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  /** Ends a run of a process that has died, as far as it is noted down. */
  async #endNoted(handle: ProcessHandle): Promise<void> {
    const runs = await this.#state.runs(handle);
    for (const run of runs.filter(({ record }) => record.mark === handle.mark)) await this.#abandoned.end(run);
  }

  async #destroyRun({ handle }: OwnedRun): Promise<void> {
    const run = await this.#find(handle);
    await run?.stop(0);
    if (run?.isGone === true) await this.#state.remove(uniqueName(handle));
    else await this.#endNoted(handle);
    this.#runs.delete(handle.mark);
  }
}
