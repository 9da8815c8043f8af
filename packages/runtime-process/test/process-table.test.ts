import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { parseStat, procProcessTable } from "../src/proc-process-table.ts";
import { SharedProcessTable } from "../src/process-table.ts";
import { psProcessTable } from "../src/ps-process-table.ts";
import { RuntimeTrial, sh } from "./runtime-trial.ts";

describe("the processes of the host", () => {
  it("[PROC-18] are read whatever they are called", () => {
    const rest = `S 7 41 41 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 ${"0 ".repeat(30)}`;
    const entry = { pid: 41, parent: 7, group: 41, start: 98_765, isRunning: true };
    for (const name of ["sh", "a b", "a) Z 1 (b", ")"]) expect(parseStat(`41 (${name}) ${rest}`)).toEqual(entry);
    expect(parseStat(`41 (sh) ${rest.replace("S", "Z")}`)).toEqual({ ...entry, isRunning: false });
    expect(parseStat("")).toBeUndefined();
  });

  it("[PROC-18] are the same to /proc and to ps", async () => {
    const child = spawn("/bin/sh", ["-c", "read -r line"], { detached: true });
    await once(child, "spawn");
    const [proc, ps] = [await procProcessTable.find(child.pid ?? 0), await psProcessTable.find(child.pid ?? 0)];
    child.stdin.end("\n");
    await once(child, "close");
    expect(proc).toMatchObject({ pid: child.pid, parent: process.pid, group: child.pid, isRunning: true });
    expect(ps).toEqual({ ...proc, start: expect.any(Number) as number });
    expect(Math.abs((ps?.start ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(await procProcessTable.find(2 ** 22 + 1)).toBeUndefined();
    expect(await procProcessTable.markOf(2 ** 22 + 1)).toBeUndefined();
  });

  it("[PROC-18] are ended by their group where the host tells no marks", async () => {
    await using trial = new RuntimeTrial(
      { main: sh("(trap '' TERM; echo up; while :; do sleep 0.05; done) & sleep 1000") },
      { table: psProcessTable },
    );
    const run = await trial.start();
    await run.said("up");
    await trial.runtime.stop(run.handle, { graceMs: 50 });
    expect(await run.result).toMatchObject({ status: "failed", signal: "SIGTERM" });
  });

  it("[PROC-18] are read once for all who ask at the same time, and anew for those who ask later", async () => {
    let readings = 0;
    const table = new SharedProcessTable({
      ...procProcessTable,
      read: async () => [{ pid: ++readings, parent: 1, group: 1, start: 1, isRunning: true }],
    });
    const first = table.read();
    const [one, two] = await Promise.all([first, table.read()]);
    expect([one[0]?.pid, two[0]?.pid]).toEqual([1, 1]);
    expect((await table.read())[0]?.pid).toBe(2);
  });

  it("[PROC-18] are asked for again when the host could not tell", async () => {
    let readings = 0;
    const read = async (): ReturnType<typeof procProcessTable.read> => {
      if (++readings % 2 === 1) throw new Error("EMFILE");
      return procProcessTable.read();
    };
    await using trial = new RuntimeTrial(
      { main: sh("setsid sleep 1000 & exit 0") },
      { table: new SharedProcessTable({ ...procProcessTable, read }) },
    );
    expect((await trial.run()).result).toEqual({ status: "complete" });
    expect(readings).toBeGreaterThan(1);
  });
});
