import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Result } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger, type Timer } from "@mayfly/service";
import { giveUpMs, killRun } from "./kill-run.ts";
import type { OutputLines } from "./output-lines.ts";
import type { PreparedCommand } from "./prepare-command.ts";
import { resultOf } from "./process-result.ts";
import type { ProcessTable } from "./process-table.ts";
import { readResultFile } from "./result-file.ts";
import { membersOf, type RunIdentity } from "./run-members.ts";
import { RunGuard } from "./run-guard.ts";
import { sendSignal } from "./send-signal.ts";

/** What a {@link ProcessRun} is made of. */
export interface ProcessRunOptions extends PreparedCommand {
  /** The run, for logs. */
  readonly name: string;
  readonly input: string;
  readonly mark: string;
  readonly resultPath: string;
  readonly rejectExitCodes: readonly number[];
  readonly output: OutputLines;
  /** When it is told to end without being asked, in epoch milliseconds by `clock`. */
  readonly deadline: number;
  readonly deadlineGraceMs: number;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long output may come after the last known process has ended, in milliseconds: then an unknown one has it open. */
const lateOutputMs = 1_000;

/**
 * A command and all that it starts.
 *
 * States: `running` → (its first process ends) → `clearing` → (no process is left) → `ended`. What the command leaves
 * behind in `clearing` is killed; when it was asked to stop, it has the rest of the grace.
 */
export class ProcessRun {
  /** How it ended; resolves when no process is left. Never rejects. */
  readonly result: Promise<Result>;
  readonly #options: ProcessRunOptions;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended = new AbortController();
  readonly #closed = new AbortController();
  readonly #deadline: Timer;
  #leader: RunIdentity["leader"];
  #guard: RunGuard | undefined;
  /** Every process that was seen as one of the run, by its number, with its start. */
  readonly #known = new Map<number, number>();
  #asked: Promise<void> | undefined;
  #isForced = false;
  #isGone = false;
  #isOverdue = false;

  private constructor(options: ProcessRunOptions) {
    this.#options = options;
    const { file, args, argv0, cwd, env, clock, deadline } = options;
    this.#child = spawn(file, args, { argv0, cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.once("close", () => this.#closed.abort());
    this.#readOutput();
    this.#deadline = clock.setTimer(deadline - clock.now(), () => this.#endOverdue());
    const exited = new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      this.#child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
    });
    this.result = exited.then((end) => this.#clear(end));
  }

  /** Starts a command. Rejects when the host cannot; then nothing of it is left. */
  static async start(options: ProcessRunOptions): Promise<ProcessRun> {
    const run = new ProcessRun(options);
    try {
      await once(run.#child, "spawn");
    } catch (error) {
      run.#deadline.cancel();
      throw error;
    }
    run.#protect();
    // A command that has ended may not be found any more; its group counts for this run all the same.
    const pid = run.#child.pid as number;
    const entry = await options.table.find(pid).catch(() => undefined);
    run.#leader = { pid, start: entry?.start ?? 0 };
    run.#child.stdin.end(options.input);
    return run;
  }

  /** What the processes of the run are known by. */
  get identity(): RunIdentity {
    const leader = this.#leader ?? (this.#child.pid === undefined ? undefined : { pid: this.#child.pid, start: 0 });
    return { mark: this.#options.mark, leader };
  }

  /** Asks every process of the run to end (SIGTERM), and forces it after `graceMs` (SIGKILL). */
  async stop(graceMs: number): Promise<void> {
    const { clock, logger, name } = this.#options;
    if (this.#ended.signal.aborted) return;
    this.#asked ??= this.#signal("SIGTERM");
    await clock.sleep(graceMs, { signal: this.#ended.signal });
    if (this.#ended.signal.aborted) return;
    await this.#asked;
    await this.#signal("SIGKILL");
    this.#isForced = true;
    await clock.sleep(giveUpMs + lateOutputMs, { signal: this.#ended.signal });
    if (!this.#ended.signal.aborted) logger.warn({ run: name }, "processes do not end when killed");
  }

  /** Whether no process of the run is left. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get #isLeaderRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #protect(): void {
    const { mark, logger, name } = this.#options;
    const onError = (error: unknown): void =>
      logger.warn({ run: name, error: errorMessage(error) }, "run has no guard: should this process die, it goes on");
    try {
      this.#guard = new RunGuard(this.#child.pid as number, mark, onError);
    } catch (error) {
      onError(error);
    }
  }

  /** To the group at once, to those that have left it one by one: they are looked for first, while their parents live. */
  async #signal(signal: NodeJS.Signals): Promise<void> {
    const { table } = this.#options;
    const pid = this.#child.pid as number;
    const members = await membersOf(this.identity, table, { isGroupOurs: true, known: this.#known }).catch(() => []);
    if (this.#isLeaderRunning) sendSignal(-pid, signal);
    for (const member of members) if (!this.#isLeaderRunning || member.group !== pid) sendSignal(member.pid, signal);
  }

  #endOverdue(): void {
    this.#isOverdue = this.#isLeaderRunning;
    void this.stop(this.#options.deadlineGraceMs);
  }

  async #clear(end: { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }): Promise<Result> {
    const { table, clock, logger, name, resultPath, rejectExitCodes } = this.#options;
    const wasAsked = this.#asked !== undefined;
    const isKilling = (): boolean => !wasAsked || this.#isForced;
    this.#isGone = await killRun(this.identity, { table, clock, isGroupOurs: true, known: this.#known, isKilling });
    if (!this.#isGone) logger.warn({ run: name }, "processes do not end when killed");
    await clock.sleep(lateOutputMs, { signal: this.#closed.signal });
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#deadline.cancel();
    if (this.#isGone) await this.#guard?.release();
    const file = await readResultFile(resultPath);
    this.#ended.abort();
    return resultOf({ ...end, file, rejectExitCodes, isOverdue: this.#isOverdue });
  }

  #readOutput(): void {
    const { stdin, stdout, stderr } = this.#child;
    // A command need not read its input, and its output may break: neither says how it ended.
    for (const stream of [stdin, stdout, stderr]) stream?.on("error", () => undefined);
    for (const stream of [stdout, stderr]) {
      const lines = this.#options.output.stream();
      stream?.on("data", (chunk: Buffer) => lines.write(chunk));
      stream?.once("close", () => lines.end());
    }
  }
}
