import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { RuntimeError } from "@mayfly/runtime";
import { describe, expect, it } from "vitest";
import { ProcessRuntime } from "../src/index.ts";
import { RuntimeTrial, running, sh, until } from "./runtime-trial.ts";
import { SkippingClock } from "./skipping-clock.ts";

describe("ProcessRuntime", () => {
  it("[PROC-3] gives commands no environment but what is promised and what the spec gives", async () => {
    process.env["MAYFLY_SECRET_OF_THE_TEST"] = "secret";
    const main = { argv: ["env"] as [string], env: { COLOUR: "red", LANG: "C" } };
    await using trial = new RuntimeTrial({ main }, { path: "/usr/bin:/bin", home: "/nowhere" });
    const { task, handle, lines, result } = await trial.start({ attempt: 3, number: 2, deadline: 2_000_000_000_000.4 });
    await result;
    const env = Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
    expect(env).toEqual({
      PATH: "/usr/bin:/bin",
      HOME: "/nowhere",
      LANG: "C",
      COLOUR: "red",
      MAYFLY_TASK_ID: task.id,
      MAYFLY_ATTEMPT: "3",
      MAYFLY_RUN: "2",
      MAYFLY_DEADLINE: "2033-05-18T03:33:20.000Z",
      MAYFLY_TASK_FILE: expect.stringContaining(task.id) as string,
      MAYFLY_RESULT_FILE: expect.stringContaining(task.id) as string,
      MAYFLY_RUN_MARK: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(handle).toEqual({ version: 2, taskId: task.id, run: 2, attempt: 3, mark: env["MAYFLY_RUN_MARK"] });
  });

  it("[PROC-4] gives the task as input and as a file, and does not mind a command that reads neither", async () => {
    const both = sh('cat; echo; cat "$MAYFLY_TASK_FILE"');
    await using trial = new RuntimeTrial({ main: both, deaf: sh("exec 0<&-; exit 0") });
    const { task, lines, result } = await trial.start({ attributes: { text: "ü\n'" } });
    await result;
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([task, task]);
    const large = await trial.run({ command: "deaf", attributes: { text: "x".repeat(300_000) } });
    expect(large.result).toEqual({ status: "complete" });
  });

  it("[PROC-5] gives each run a private folder to work in, until it is destroyed", async () => {
    await using trial = new RuntimeTrial({ main: sh("pwd; touch left") });
    const { handle, lines, result } = await trial.start();
    await result;
    const folder = lines[0] ?? "";
    expect(folder).toContain(trial.stateFolder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toContain("left");
    await trial.runtime.destroy(handle);
    expect(trial.remains()).toEqual([]);
  });

  it("[PROC-5] starts nothing in a state folder that others can write to, or that is a link", async () => {
    await using trial = new RuntimeTrial({ main: sh("exit 0") });
    const [open, link] = [join(trial.folder, "open"), join(trial.folder, "link")];
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(trial.folder, link);
    for (const stateFolder of [open, link]) {
      const runtime = new ProcessRuntime({ commands: { main: sh("exit 0") } }, { stateFolder });
      await expect(trial.start({}, runtime)).rejects.toMatchObject({ code: "runtime" });
      expect(await runtime.health()).toMatchObject({ status: "unhealthy" });
    }
  });

  it("[PROC-6] takes the result from the exit record and the result file", async () => {
    const write = (text: string): string => `printf %s '${text}' > "$MAYFLY_RESULT_FILE"`;
    await using trial = new RuntimeTrial({
      quiet: sh("exit 0"),
      value: sh(write('{"a":[1,null]}')),
      fails: sh("exit 7"),
      says: sh(`${write('"no luck"')}; exit 7`),
      tells: sh(`${write('{"message":"no luck","more":1}')}; exit 7`),
      dies: sh("kill -SEGV $$"),
      rejects: sh("exit 64"),
      own: { ...sh("exit 3"), rejectExitCodes: [3] },
    });
    const failed = { status: "failed", reason: "failed" };
    const results = {
      quiet: { status: "complete" },
      value: { status: "complete", value: { a: [1, null] } },
      fails: { ...failed, exitCode: 7, message: "The command ended with exit code 7." },
      says: { ...failed, exitCode: 7, message: "no luck" },
      tells: { ...failed, exitCode: 7, message: "no luck" },
      dies: { ...failed, signal: "SIGSEGV", message: "The command was ended by SIGSEGV." },
      rejects: { status: "failed", reason: "rejected", exitCode: 64, message: "The command ended with exit code 64." },
      own: { status: "failed", reason: "rejected", exitCode: 3, message: "The command ended with exit code 3." },
    };
    for (const [command, result] of Object.entries(results))
      expect({ command, ...(await trial.run({ command })) }).toMatchObject({ command, result });
    expect((await trial.run({ command: "quiet" })).result).toEqual(results.quiet);
  });

  it("[PROC-7] fails a command whose result file cannot be used, and never waits for it or follows it", async () => {
    const file = '"$MAYFLY_RESULT_FILE"';
    await using trial = new RuntimeTrial({
      text: sh(`echo nonsense > ${file}`),
      large: sh(`{ printf '"'; head -c 16383 /dev/zero | tr '\\0' x; printf '"'; } > ${file}`),
      fits: sh(`{ printf '"'; head -c 16382 /dev/zero | tr '\\0' x; printf '"'; } > ${file}`),
      proto: sh(`echo '{"__proto__":1}' > ${file}`),
      link: sh(`echo 1 > other; ln -s other ${file}`),
      pipe: sh(`mkfifo ${file}`),
      folder: sh(`mkdir ${file}`),
    });
    for (const command of ["text", "large", "proto", "link", "pipe", "folder"]) {
      const { result } = await trial.run({ command });
      const message = expect.stringContaining("result file") as string;
      expect({ command, result }).toMatchObject({ command, result: { status: "failed", reason: "failed", message } });
    }
    expect((await trial.run({ command: "fits" })).result).toEqual({ status: "complete", value: "x".repeat(16_382) });
  });

  it("[PROC-12] says whether a start that failed is final, and leaves nothing of it", async () => {
    await using trial = new RuntimeTrial({
      absent: { argv: ["/no/such/program"] },
      unknown: { argv: ["no-such-program"] },
      folder: { argv: ["/bin"] },
      text: { argv: ["/etc/passwd"] },
      homeless: { ...sh("exit 0"), cwd: "/no/such/folder" },
      huge: {
        argv: ["/bin/echo", "{text}"],
        env: { HUGE: "x".repeat(3_000_000) },
        parameters: { text: { pattern: ".*" } },
      },
    });
    const code = async (command: string, args?: { text: string }): Promise<unknown> => {
      const start = trial.start({ command, ...(args === undefined ? {} : { arguments: args }) });
      const error: unknown = await start.catch((caught: unknown) => caught);
      return RuntimeError.is(error) ? error.code : error;
    };
    for (const command of ["absent", "unknown", "folder", "text", "other"])
      expect(await code(command)).toBe("rejected");
    expect(await code("homeless")).toBe("runtime");
    expect(await code("huge", { text: "a" })).toBe("runtime");
    expect(trial.remains()).toEqual([]);
  });

  it("[PROC-15] keeps a command from allocating more than it may, and others as they were", {
    timeout: 60_000,
  }, async () => {
    const argv: [string, ...string[]] = [process.execPath, "-e", "Buffer.alloc(400 * 2 ** 20, 1)"];
    await using trial = new RuntimeTrial({
      main: { argv, maxMemoryMb: 200 },
      free: { argv },
      small: { argv: ["/bin/echo", "{text}"], maxMemoryMb: 200, parameters: { text: { pattern: ".*" } } },
    });
    expect((await trial.run()).result).toMatchObject({ status: "failed", reason: "failed" });
    expect((await trial.run({ command: "free" })).result).toEqual({ status: "complete" });
    const said = await trial.run({ command: "small", arguments: { text: "$(id) 'a'  b" } });
    expect(said).toEqual({ result: { status: "complete" }, lines: ["$(id) 'a'  b"] });
  });

  it("[PROC-16] tells a command that its time is over, and forces it after a grace", async () => {
    const stubborn = sh("trap 'echo asked' TERM; echo ready; while :; do sleep 0.05; done");
    const clock = new SkippingClock();
    await using trial = new RuntimeTrial({ main: stubborn }, { clock, deadlineGraceMs: 600_000 });
    const { task, lines, result, said } = await trial.start({ deadline: clock.now() + 600_000 });
    await said("ready");
    clock.skip(600_000);
    await said("asked");
    clock.skip(600_000);
    const overdue = { status: "failed", reason: "failed", signal: "SIGKILL", message: "The task's time was over." };
    expect(await result).toEqual(overdue);
    expect(lines).toContain("asked");
    expect(running(task)).toEqual([]);
  });

  it("[PROC-16] fails a command that ends well only because its time is over", async () => {
    const clock = new SkippingClock();
    const polite = sh("trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done");
    await using trial = new RuntimeTrial({ main: polite }, { clock });
    const { result, said } = await trial.start({ deadline: clock.now() + 600_000 });
    await said("ready");
    clock.skip(600_000);
    expect(await result).toMatchObject({ status: "failed", exitCode: 0, message: "The task's time was over." });
  });

  it("[PROC-6] takes a command that ends well when it is told to stop for complete", async () => {
    await using trial = new RuntimeTrial({ main: sh("trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done") });
    const run = await trial.start();
    await run.said("up");
    await trial.runtime.stop(run.handle, { graceMs: 60_000 });
    expect(await run.result).toEqual({ status: "complete" });
    await until(() => running(run.task).length === 0);
  });
});
