import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type Checkable, type Health, type Result, type RunContext, Runtime, RuntimeError } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import { AbandonedRuns } from "./abandoned-runs.ts";
import { hostProcessTable } from "./host-process-table.ts";
import { OutputLines } from "./output-lines.ts";
import { type HostEnvironment, placeIn, prepareCommand } from "./prepare-command.ts";
import { ProcessRun } from "./process-run.ts";
import { type ProcessSpec, type ProcessSpecInput, processSpecSchema } from "./process-spec.ts";
import type { ProcessTable } from "./process-table.ts";
import { type RunRecord, runName } from "./run-record.ts";
import { type SelectedCommand, selectCommand } from "./select-command.ts";
import { StateFolder } from "./state-folder.ts";

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

/** What a {@link ProcessRuntime} finds a run by, in the process that started it. */
export type ProcessHandle = {
  readonly version: 1;
  readonly taskId: string;
  readonly run: number;
  /** An owner that comes later has a run of its own. */
  readonly attempt: number;
};

/**
 * Runs a command of its spec for each task, in a process group of its own. The task is its input, as JSON; its exit code
 * is the result. Nothing that a command has started outlives it.
 *
 * A run cannot be adopted by another process, for only a parent can read an exit code: when the scheduler's process
 * dies, the commands that it leaves are killed by the next runtime with the same state folder, when it is made and
 * before it starts the same run.
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
  readonly #runs = new Map<string, Promise<ProcessRun>>();
  readonly #destroying = new Map<string, Promise<void>>();
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
    const handle: ProcessHandle = { version: 1, taskId: task.id, run: run.number, attempt: run.attempt };
    const name = runName(handle);
    await this.#destroying.get(name);
    const starting = this.#runs.get(name) ?? this.#startRun(task, run, handle);
    this.#runs.set(name, starting);
    try {
      await starting;
    } catch (error) {
      if (this.#runs.get(name) === starting) this.#runs.delete(name);
      if (RuntimeError.is(error)) throw error;
      const message = `The command of ${name} could not be started: ${errorMessage(error)}`;
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

  /** Kills what runs, and removes the run's folder. */
  override async destroy(handle: ProcessHandle): Promise<void> {
    const name = runName(handle);
    const destroying = this.#destroying.get(name) ?? this.#destroyRun(handle);
    this.#destroying.set(name, destroying);
    await destroying;
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

  async #find(handle: ProcessHandle): Promise<ProcessRun | undefined> {
    return this.#runs.get(runName(handle))?.catch(() => undefined);
  }

  async #startRun(task: Task, run: RunContext, handle: ProcessHandle): Promise<ProcessRun> {
    const selected = selectCommand(this.#spec, task);
    await this.#cleared;
    await this.#endEarlierOwners(handle);
    const { taskId, attempt } = handle;
    const owner = { pid: process.pid, start: (await this.#table.find(process.pid))?.start ?? 0 };
    const record: RunRecord = { version: 1, taskId, run: handle.run, attempt, mark: randomUUID(), owner };
    try {
      const started = await this.#spawn(selected, task, run, record);
      await this.#state.note({ ...record, leader: started.identity.leader }).catch(async (error: unknown) => {
        await started.stop(0);
        throw error;
      });
      return started;
    } catch (error) {
      // What matters is why it did not start, not what became of an empty folder.
      await this.#state.remove(record).catch(() => undefined);
      throw error;
    }
  }

  async #spawn(selected: SelectedCommand, task: Task, run: RunContext, record: RunRecord): Promise<ProcessRun> {
    const place = placeIn(await this.#state.create(record), record.mark);
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

  /** The same run of an earlier attempt is over: whoever owned it has lost the task. */
  async #endEarlierOwners(handle: ProcessHandle): Promise<void> {
    for (const record of await this.#state.records(handle)) {
      if (record.attempt > handle.attempt)
        throw new RuntimeError("runtime", `A later owner of task ${handle.taskId} runs it on this host.`);
      await this.#abandoned.end(record);
    }
  }

  async #endAbandoned(name: string, handle: ProcessHandle): Promise<void> {
    const records = await this.#state.records(handle);
    for (const record of records.filter((each) => runName(each) === name)) await this.#abandoned.end(record);
  }

  async #destroyRun(handle: ProcessHandle): Promise<void> {
    const name = runName(handle);
    try {
      const run = await this.#find(handle);
      await run?.stop(0);
      if (run?.isGone === true) await this.#state.remove(handle);
      else await this.#endAbandoned(name, handle);
      this.#runs.delete(name);
    } finally {
      this.#destroying.delete(name);
    }
  }
}
