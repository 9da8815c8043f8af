import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StopReason } from "@mayfly/runtime";
import { silentLogger, systemClock } from "@mayfly/service";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AbandonedRuns } from "../src/abandoned-runs.ts";
import { type ProcessHandle, ProcessRuntime } from "../src/index.ts";
import { procProcessTable } from "../src/proc-process-table.ts";
import type { ProcessTable } from "../src/process-table.ts";
import { type RunRecord, uniqueName } from "../src/run-record.ts";
import { type NotedRun, StateFolder } from "../src/state-folder.ts";
import { HostProcess } from "./host-process.ts";
import { RuntimeTrial, running, sh, until } from "./runtime-trial.ts";
import { marksOf, processesWith } from "./visible-processes.ts";

const commands = {
  main: sh('pwd; until [ -e go ]; do sleep 0.05; done; printf 1 > "$MAYFLY_RESULT_FILE"'),
  deaf: sh('trap "" TERM; while :; do sleep 0.05; done'),
};

let stateFolder: string;
let state: StateFolder;
let id: string;
beforeEach(() => {
  id = crypto.randomUUID();
  stateFolder = mkdtempSync(join(tmpdir(), "mayfly-test-"));
  state = new StateFolder(stateFolder);
});
afterEach(() => {
  for (const pid of processesWith({ MAYFLY_TASK_ID: id })) process.kill(pid, "SIGKILL");
  rmSync(stateFolder, { recursive: true, force: true });
});

const open = (): RuntimeTrial => new RuntimeTrial(commands, { stateFolder });
const another = (): ProcessRuntime => new ProcessRuntime({ commands }, { stateFolder });
const noted = async (): Promise<readonly string[]> => (await state.runs()).map(({ record }) => record.mark);
const isRunning = ({ mark }: ProcessHandle): boolean => processesWith({ MAYFLY_RUN_MARK: mark }).length > 0;
const lost = (): AbortSignal => AbortSignal.abort(new StopReason("lost", "Another may own it."));

/** Notes down a run of this process that has no processes of its own. */
async function note(notedAtMs: number): Promise<NotedRun> {
  const { pid, start } = (await procProcessTable.find(process.pid)) ?? { pid: 0, start: 0 };
  const [mark, owner] = [crypto.randomUUID(), { pid, start }];
  const record: RunRecord = { version: 1, taskId: id, run: 1, attempt: 1, mark, notedAtMs, owner };
  const run = { name: uniqueName(record), record };
  await state.note(run);
  return run;
}

/** A runtime that is told of the host's processes by `read`. */
function readingTable(read: ProcessTable["read"]): ProcessRuntime {
  return new ProcessRuntime({ commands }, { stateFolder, table: { ...procProcessTable, read } });
}

/** Lets the command `main` come to its end. */
async function letEnd({ lines, said, result }: Awaited<ReturnType<RuntimeTrial["start"]>>): Promise<unknown> {
  await said("/");
  writeFileSync(join(lines[0] ?? "", "go"), "");
  return result;
}

describe("two owners of one run on a host", () => {
  it("[PROC-17] the later one ends the run of the earlier one, which learns of it", async () => {
    await using trial = open();
    const first = await trial.start({ id, command: "deaf" });
    const second = await trial.start({ id, attempt: 2 });
    expect(await first.result).toMatchObject({ status: "failed", signal: "SIGKILL" });
    await trial.runtime.destroy(first.handle);
    expect(running(second.task).length).toBeGreaterThan(0);
    expect(await noted()).toEqual([second.handle.mark]);
  });

  it("[PROC-17] the earlier one of a process does not start beside the later one", async () => {
    await using trial = open();
    const { handle } = await trial.start({ id, attempt: 2 });
    await expect(trial.start({ id, attempt: 1 })).rejects.toMatchObject({ code: "runtime" });
    expect(await noted()).toEqual([handle.mark]);
  });

  it("[PROC-17] one that has lost the task starts nothing, and leaves the other's run alone", async () => {
    await using trial = open();
    const run = await trial.start({ id });
    const late = trial.start({ id, attempt: 2, signal: lost() }, another());
    await expect(late).rejects.toMatchObject({ code: "runtime" });
    expect(await noted()).toEqual([run.handle.mark]);
    expect(await letEnd(run)).toEqual({ status: "complete", value: 1 });
  });

  it.each([1, 3])(
    "[PROC-19] attempt %i after a wipe ends what attempt 3 of another process runs, which ends nothing of it",
    async (attempt) => {
      const old = `
        const handle = await start("deaf", "${id}", 3);
        say("started " + handle.mark);
        say("ended " + (await runtime.wait(handle, context)).status);
        await runtime.stop(handle, { graceMs: 0 });
        await runtime.destroy(handle);
        say("destroyed");`;
      await using host = new HostProcess(old, { stateFolder, commands });
      const mark = await host.said("started ");
      await using trial = open();
      const run = await trial.start({ id, attempt });
      expect(await host.said("ended ")).toBe("failed");
      await host.said("destroyed");
      expect(processesWith({ MAYFLY_RUN_MARK: mark })).toEqual([]);
      expect(await letEnd(run)).toEqual({ status: "complete", value: 1 });
    },
  );

  it.each([1, 3])(
    "[PROC-19] attempt %i ends what attempt 3 of this process runs, once that was told to end",
    async (attempt) => {
      await using trial = open();
      const owner = new AbortController();
      const first = await trial.start({ id, command: "deaf", attempt: 3, signal: owner.signal });
      owner.abort(new StopReason("lost", "Another may own it."));
      const second = await trial.start({ id, attempt });
      expect(isRunning(first.handle)).toBe(false);
      expect(await first.result).toMatchObject({ status: "failed", signal: "SIGKILL" });
      await trial.runtime.stop(first.handle, { graceMs: 0 });
      await trial.runtime.destroy(first.handle);
      expect(await noted()).toEqual([second.handle.mark]);
      expect(await letEnd(second)).toEqual({ status: "complete", value: 1 });
    },
  );

  it("[PROC-19] a handle without a mark, of an older version, finds nothing and touches nothing", async () => {
    await using trial = open();
    const run = await trial.start({ id });
    const old = { version: 1, taskId: id, run: 1, attempt: 1 } as unknown as ProcessHandle;
    const message = expect.stringContaining("not known to this process") as string;
    expect(await trial.runtime.wait(old)).toEqual({ status: "failed", reason: "runtime", message });
    await trial.runtime.stop(old, { graceMs: 0 });
    await trial.runtime.destroy(old);
    expect(await noted()).toEqual([run.handle.mark]);
    expect(await letEnd(run)).toEqual({ status: "complete", value: 1 });
  });
});

describe("two owners that start one run at once", () => {
  it("[PROC-17] one runs it, and nothing is left of the others", async () => {
    await using trial = open();
    const starts = Array.from({ length: 4 }, () => trial.start({ id }, another()));
    const handles = (await Promise.allSettled(starts)).flatMap((start) =>
      start.status === "fulfilled" ? [start.value.handle] : [],
    );
    const alive = handles.filter(isRunning);
    expect(alive).toHaveLength(1);
    expect(marksOf(id)).toEqual(new Set([alive[0]?.mark]));
    expect(await noted()).toEqual([alive[0]?.mark]);
  });

  it("[PROC-17] one that is held up before its command begins finds that it was overtaken", async () => {
    await using trial = open();
    await trial.start({ id, command: "deaf" }, another());
    let overtake: (() => Promise<unknown>) | undefined = () => trial.start({ id }, trial.runtime);
    const slow = readingTable(async () => {
      const begin = overtake;
      overtake = undefined;
      await begin?.();
      return procProcessTable.read();
    });
    await expect(trial.start({ id, attempt: 2 }, slow)).rejects.toMatchObject({ code: "runtime" });
    expect(overtake).toBeUndefined();
    const [mark = ""] = await noted();
    expect(marksOf(id)).toEqual(new Set([mark]));
    expect(
      readdirSync(stateFolder, { recursive: true, encoding: "utf8" }).filter((name) => /-[0-9a-f]{8}$/.test(name)),
    ).toHaveLength(1);
  });

  it("[PROC-17] one whose command begins when the other has already looked for it ends it itself", async () => {
    await using trial = open();
    const [held, looked] = [new AbortController(), new AbortController()];
    const slow = readingTable(async () => {
      held.abort();
      await until(() => looked.signal.aborted);
      return procProcessTable.read();
    });
    const earlier = await note(0);
    const start = trial.start({ id, attempt: 2 }, slow);
    const settled = Promise.allSettled([start]);
    await until(() => held.signal.aborted);
    await state.remove(earlier.name);
    const quick = readingTable(async () => {
      const before = await procProcessTable.read();
      looked.abort();
      await settled;
      return before;
    });
    const run = await trial.start({ id }, quick);
    await expect(start).rejects.toMatchObject({ code: "runtime" });
    expect(marksOf(id)).toEqual(new Set([run.handle.mark]));
    expect(await noted()).toEqual([run.handle.mark]);
  });

  it("[PROC-17] one gives way to another that was noted down later, unless its process has died", async () => {
    const parts = { state, table: procProcessTable, clock: systemClock, logger: silentLogger };
    const abandoned = new AbandonedRuns(parts);
    const { signal } = new AbortController();
    const own = await note(2);
    const earlier = await note(1);
    const later = await note(3);
    await expect(abandoned.endOthers(own, signal)).rejects.toMatchObject({ code: "runtime" });
    expect(new Set(await noted())).toEqual(new Set([own, earlier, later].map(({ record }) => record.mark)));
    const { pid, start } = later.record.owner;
    await state.note({ ...later, record: { ...later.record, owner: { pid, start: start + 1 } } });
    await abandoned.endOthers(own, signal);
    expect(await noted()).toEqual([own.record.mark]);
  });
});
