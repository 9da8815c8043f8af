import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuntimeAbility, RuntimeHarness } from "@mayfly/runtime/contract";
import type { JsonValue, Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { type ProcessHandle, ProcessRuntime, type ProcessSpecInput } from "../src/index.ts";
import { processesWith } from "./visible-processes.ts";

/** What a ProcessRuntime can do. */
export const processAbilities: readonly RuntimeAbility[] = [
  "returns",
  "reject",
  "refuse",
  "adopt",
  "leavesNothing",
  "stubborn",
  "force",
  "ignoresSignal",
  "deadline",
  "bigOutput",
  "health",
];

type Runtimes = (spec: ProcessSpecInput, stateFolder: string) => ProcessRuntime;

/** Opens a harness around the runtime that `create` makes, with a state folder of its own. */
export function openProcessHarness(
  create: Runtimes = (spec, stateFolder) => new ProcessRuntime(spec, { stateFolder }),
): RuntimeHarness {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-test-"));
  const begun = join(folder, "begun");
  const state = join(folder, "state");
  const shell = (script: string): ProcessSpecInput["commands"][string] => ({
    argv: ["/bin/sh", "-c", `echo "$MAYFLY_TASK_ID/$MAYFLY_RUN" >> ${begun}\n${script}`, "sh", "{text}"],
    parameters: { text: { pattern: "[^]*", default: "" } },
  });
  const runtime = create(
    {
      commands: {
        complete: shell('[ -z "$1" ] || printf %s "$1" > "$MAYFLY_RESULT_FILE"'),
        fail: shell('printf %s "$1" > "$MAYFLY_RESULT_FILE"; exit 1'),
        reject: shell('printf %s "$1" > "$MAYFLY_RESULT_FILE"; exit 64'),
        slow: shell("trap 'sleep 0.05; exit 3' TERM; while :; do sleep 0.1; done"),
        stubborn: shell(`trap '' TERM
          sleep 1000 &
          setsid sleep 1000 &
          (setsid sh -c 'sleep 1000 & exit 0' &)
          while :; do sleep 0.1; done`),
        loud: shell('yes 0123456789 | head -c "$1"'),
        broken: { argv: ["/bin/true"], cwd: join(folder, "absent") },
      },
    },
    state,
  );
  const task = (command: string, text?: string): Task =>
    aTask({ attributes: { command, ...(text === undefined ? {} : { arguments: { text } }) } });
  const lines = (): readonly string[] => (readdirSync(folder).includes("begun") ? readLines(begun) : []);

  return {
    runtime,
    tasks: {
      complete: (value) => task("complete", value === undefined ? undefined : JSON.stringify(value)),
      fail: (message) => task("fail", JSON.stringify(message)),
      slow: () => task("slow"),
      reject: (message) => task("reject", JSON.stringify({ message })),
      refused: () => task("constructor"),
      brokenStart: () => task("broken"),
      stubborn: () => task("stubborn"),
      loud: (bytes) => task("loud", String(bytes)),
    },
    isRunning: async (handle: JsonValue) => {
      const { taskId, run } = handle as ProcessHandle;
      return lines().includes(`${taskId}/${run}`) && running(taskId, run).length > 0;
    },
    timesBegun: async ({ id }) => lines().filter((line) => line.startsWith(id)).length,
    remains: async ({ id }, run) => namesIn(state).some((name) => name.includes(id)) || running(id, run).length > 0,
    close: async () => {
      // By then what it does when it is made is done: it makes the state folder.
      await runtime.health();
      for (const line of lines()) {
        const [id = "", run = ""] = line.split("/");
        for (const pid of running(id, run)) killIfThere(pid);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function running(id: string, run: number | string): readonly number[] {
  return processesWith({ MAYFLY_TASK_ID: id, MAYFLY_RUN: String(run) });
}

function readLines(path: string): readonly string[] {
  return readFileSync(path, "utf8").trim().split("\n");
}

/** The names of all that is in a folder, at any depth. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
