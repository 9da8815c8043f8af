import { homedir } from "node:os";
import { join } from "node:path";
import { type RunContext, runVariables } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";
import { findProgram } from "./find-program.ts";
import { markVariable } from "./process-table.ts";
import type { SelectedCommand } from "./select-command.ts";

/** What commands find around them, besides what their spec and their task say. */
export interface HostEnvironment {
  /** The PATH of commands. @defaultValue `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin` */
  readonly path?: string | undefined;
  /** The HOME of commands. @defaultValue that of this user */
  readonly home?: string | undefined;
  /** The LANG of commands. @defaultValue `C.UTF-8` */
  readonly lang?: string | undefined;
}

/** What a run is given of its own. */
export interface RunPlace {
  readonly folder: string;
  readonly taskPath: string;
  readonly resultPath: string;
  readonly mark: string;
}

/** A program with all that it is started with. */
export interface PreparedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** The name by which the program is called. */
  readonly argv0: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** @throws RuntimeError `rejected` when the host has no such program */
export async function prepareCommand(
  { command, argv: [program, ...rest] }: SelectedCommand,
  task: Task,
  run: RunContext,
  place: RunPlace,
  host: HostEnvironment,
): Promise<PreparedCommand> {
  const env: Record<string, string> = {
    PATH: host.path ?? defaultPath,
    HOME: host.home ?? homedir(),
    LANG: host.lang ?? "C.UTF-8",
    ...command.env,
    ...runVariables(task, run),
    MAYFLY_TASK_FILE: place.taskPath,
    MAYFLY_RESULT_FILE: place.resultPath,
    [markVariable]: place.mark,
  };
  const cwd = command.cwd ?? place.folder;
  const file = await findProgram(program, env["PATH"] ?? "", cwd);
  if (command.maxMemoryMb === undefined) return { file, args: rest, argv0: program, cwd, env };
  return { ...limited(command.maxMemoryMb, [file, ...rest]), cwd, env };
}

/** The places of a run in its private folder. */
export function placeIn(folder: string, mark: string): RunPlace {
  return { folder, taskPath: join(folder, "task.json"), resultPath: join(folder, "result.json"), mark };
}

/** With the data that each process may have. A shell sets the limit, and becomes the command. */
function limited(maxMemoryMb: number, argv: readonly string[]): Pick<PreparedCommand, "file" | "args" | "argv0"> {
  const script = 'ulimit -d "$1" || exit 126; shift; exec "$@"';
  return { file: "/bin/sh", args: ["-c", script, "sh", String(maxMemoryMb * 1_024), ...argv], argv0: "sh" };
}
