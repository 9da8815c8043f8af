import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result, RunContext } from "@mayfly/runtime";
import { systemClock } from "@mayfly/service";
import type { JsonObject, Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { type ProcessHandle, ProcessRuntime, type ProcessRuntimeOptions, type ProcessSpecInput } from "../src/index.ts";
import { processesWith } from "./visible-processes.ts";

/** How a task is started in a {@link RuntimeTrial}. */
export interface StartOptions {
  readonly command?: string;
  readonly arguments?: JsonObject;
  readonly attributes?: JsonObject;
  readonly id?: string;
  readonly attempt?: number;
  readonly number?: number;
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** A ProcessRuntime with a state folder of its own, for one test. Closing it ends every process of its runs. */
export class RuntimeTrial implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "mayfly-test-"));
  readonly stateFolder: string = join(this.folder, "state");
  readonly runtime: ProcessRuntime;
  readonly #handles: ProcessHandle[] = [];

  constructor(commands: ProcessSpecInput["commands"], options: ProcessRuntimeOptions = {}) {
    this.runtime = new ProcessRuntime({ commands }, { stateFolder: this.stateFolder, ...options });
  }

  /** Starts a task; by default the command `main`. */
  async start(options: StartOptions = {}, runtime: ProcessRuntime = this.runtime): Promise<TrialRun> {
    const { command = "main", arguments: args, attributes = {}, id, attempt = 1, number = 1, deadline } = options;
    const { signal = new AbortController().signal } = options;
    const given = args === undefined ? {} : { arguments: args };
    const task = aTask({ attributes: { command, ...given, ...attributes }, ...(id === undefined ? {} : { id }) });
    const lines: string[] = [];
    const context: RunContext = {
      signal,
      attempt,
      number,
      deadline: deadline ?? systemClock.now() + 600_000,
      log: (line) => lines.push(line),
      progress: () => undefined,
    };
    const handle = await runtime.start(task, context);
    this.#handles.push(handle);
    return {
      task,
      handle,
      lines,
      result: runtime.wait(handle),
      said: (text) => until(() => lines.some((line) => line.includes(text))),
    };
  }

  /** Runs a task to its end. */
  async run(options: StartOptions = {}): Promise<{ readonly result: Result; readonly lines: readonly string[] }> {
    const { result, lines } = await this.start(options);
    return { result: await result, lines };
  }

  /** The names of all that is in the state folder, at any depth. */
  remains(): readonly string[] {
    return readdirSync(this.stateFolder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.includes("task-"),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runtime.health();
    await Promise.all(this.#handles.map((handle) => this.runtime.destroy(handle)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A task under way. */
export interface TrialRun {
  readonly task: Task;
  readonly handle: ProcessHandle;
  readonly lines: readonly string[];
  readonly result: Promise<Result>;
  /** Resolves when a line of its log has contained `text`. */
  readonly said: (text: string) => Promise<void>;
}

/** A command that a shell runs. */
export function sh(script: string): { argv: [string, ...string[]] } {
  return { argv: ["/bin/sh", "-c", script] };
}

/** The processes of a task, as the host shows them. */
export function running({ id }: Task): readonly number[] {
  return processesWith({ MAYFLY_TASK_ID: id });
}

/** Resolves when `condition` holds; fails after `patienceMs`. */
export async function until(condition: () => boolean, patienceMs = 10_000): Promise<void> {
  const endMs = systemClock.monotonicMs() + patienceMs;
  while (!condition()) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`It did not come to pass within ${patienceMs} ms.`);
    await systemClock.sleep(5);
  }
}
