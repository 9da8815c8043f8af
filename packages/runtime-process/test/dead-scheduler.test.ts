import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProcessRuntime } from "../src/index.ts";
import { procProcessTable } from "../src/proc-process-table.ts";
import { type RunRecord, uniqueName } from "../src/run-record.ts";
import { StateFolder } from "../src/state-folder.ts";
import { HostProcess } from "./host-process.ts";
import { RuntimeTrial, sh, until } from "./runtime-trial.ts";
import { isRunning, processesWith } from "./visible-processes.ts";

const deaf = 'trap "" TERM; while :; do sleep 0.05; done';

let folder: string;
let state: StateFolder;
let id: string;
beforeEach(() => {
  id = crypto.randomUUID();
  folder = mkdtempSync(join(tmpdir(), "mayfly-test-"));
  state = new StateFolder(folder);
});
afterEach(() => {
  for (const pid of processesWith({ MAYFLY_TASK_ID: id })) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** A group as a scheduler leaves it that died together with its guards: noted down, and running. */
async function leaveRun(options: {
  readonly isNoted: boolean;
  readonly owner?: RunRecord["owner"];
}): Promise<RunRecord> {
  const mark = crypto.randomUUID();
  const script = `setsid sh -c '${deaf}' & ${deaf}`;
  const env = { PATH: "/usr/bin:/bin", MAYFLY_TASK_ID: id, MAYFLY_RUN_MARK: mark };
  const name = `task-${id}-1-1`;
  const child = spawn("/bin/sh", ["-c", script], { env, detached: true, stdio: "ignore" });
  child.unref();
  await once(child, "spawn");
  const { pid = 0, start = 0 } = (await procProcessTable.find(child.pid ?? 0)) ?? {};
  const owner = options.owner ?? { pid: 2 ** 22 + 1, start: 1 };
  const record: RunRecord = { version: 1, taskId: id, run: 1, attempt: 1, mark, notedAtMs: 0, owner };
  await state.note({ name, record: options.isNoted ? { ...record, leader: { pid, start } } : record });
  await state.makeFolder(name);
  await until(() => processesWith({ MAYFLY_RUN_MARK: mark }).length >= 4);
  return record;
}

const commands = { main: sh("exit 0"), deaf: sh(`setsid sh -c '${deaf}' & ${deaf}`) };

describe("when the scheduler's process has died", () => {
  it("[PROC-13] its commands are killed at once, without anybody coming after it", async () => {
    await using host = new HostProcess(`await start("deaf", "${id}"); say("started")`, {
      stateFolder: folder,
      commands,
    });
    await host.said("started");
    await until(() => processesWith({ MAYFLY_TASK_ID: id }).length >= 4);
    await host.kill();
    await until(() => processesWith({ MAYFLY_TASK_ID: id }).length === 0);
  });

  it.each([true, false])(
    "[PROC-14] the next runtime on the host ends what it left before it starts anything, its group noted down: %s",
    async (isNoted) => {
      const { mark } = await leaveRun({ isNoted });
      await using trial = new RuntimeTrial(commands, { stateFolder: folder });
      const { result } = await trial.start({});
      expect(processesWith({ MAYFLY_RUN_MARK: mark })).toEqual([]);
      await result;
      expect((await state.runs()).map(({ record }) => record.taskId)).not.toContain(id);
    },
  );

  it("[PROC-14] a runtime that is only made ends what it left", async () => {
    const { mark } = await leaveRun({ isNoted: true });
    const runtime = new ProcessRuntime({ commands }, { stateFolder: folder });
    await until(() => processesWith({ MAYFLY_RUN_MARK: mark }).length === 0);
    expect(await runtime.health()).toEqual({ status: "healthy" });
  });

  it("[PROC-14] the run of a process that lives is left alone, until a later owner starts the same run", async () => {
    const { pid, start } = (await procProcessTable.find(process.pid)) ?? { pid: 0, start: 0 };
    const { mark } = await leaveRun({ isNoted: true, owner: { pid, start } });
    await using trial = new RuntimeTrial(commands, { stateFolder: folder });
    await (await trial.start({})).result;
    await (await trial.start({ id, number: 2 })).result;
    expect(processesWith({ MAYFLY_RUN_MARK: mark }).length).toBeGreaterThan(1);
    await (await trial.start({ id, attempt: 2 })).result;
    expect(processesWith({ MAYFLY_RUN_MARK: mark })).toEqual([]);
  });

  it("[PROC-14] a number that was given to another process is not taken for the owner, nor for the run", async () => {
    const { mark } = await leaveRun({ isNoted: true, owner: { pid: process.pid, start: 1 } });
    const bystander = spawn("/bin/sh", ["-c", "while :; do sleep 0.05; done"], { detached: true, stdio: "ignore" });
    await once(bystander, "spawn");
    const other = { version: 1, taskId: crypto.randomUUID(), run: 1, attempt: 1, mark: crypto.randomUUID() } as const;
    const leader = { pid: bystander.pid ?? 0, start: 1 };
    const record: RunRecord = { ...other, notedAtMs: 0, owner: { pid: 2 ** 22 + 1, start: 1 }, leader };
    await state.note({ name: uniqueName(record), record });
    await using trial = new RuntimeTrial(commands, { stateFolder: folder });
    await trial.run();
    const isSpared = isRunning(bystander.pid ?? 0);
    if (isSpared) process.kill(-(bystander.pid ?? 0), "SIGKILL");
    expect(isSpared).toBe(true);
    expect(processesWith({ MAYFLY_RUN_MARK: mark })).toEqual([]);
  });
});
