import { expect, it } from "vitest";
import { LogReader } from "../src/log-reader.ts";
import { OwnedProcess } from "../src/owned-process.ts";

it("finds lines of log that came before and that come later, however the output is cut", async () => {
  const log = new LogReader();
  log.push('{"msg":"one"}\nno JSON\n[1]\n{"msg":');
  const two = log.find((line) => line["msg"] === "two", 1_000);
  expect(await log.find((line) => line["msg"] === "one", 1_000)).toEqual({ msg: "one" });
  log.push('"two"}\n');
  expect(await two).toEqual({ msg: "two" });
  expect(log.lines).toEqual([{ msg: "one" }, { msg: "two" }]);
});

it("tells those who wait why a line will not come", async () => {
  const log = new LogReader();
  await expect(log.find(() => true, 1)).rejects.toThrow("it took longer than 1 ms");
  const waiting = log.find(() => true, 1_000);
  log.end("The app ended");
  await expect(waiting).rejects.toThrow("The app ended");
  await expect(log.find(() => true, 1_000)).rejects.toThrow("The app ended");
});

async function run(script: string, onOutput: () => void = () => {}): Promise<OwnedProcess> {
  return await OwnedProcess.spawn({ command: process.execPath, args: ["-e", script], env: {}, cwd: "/", onOutput });
}

it("gives the exit code and the whole output of a process", async () => {
  const program = await run('console.log("out"); process.exitCode = 3');
  expect(await program.exited).toEqual({ code: 3, signal: null });
  expect(program.output).toBe("out\n");
  expect(program.isRunning).toBe(false);
});

it("kills a process that does not end in time", async () => {
  const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("deaf")';
  const program = await new Promise<OwnedProcess>((resolve, reject) => {
    const started = run(script, () => resolve(started));
    started.catch(reject);
  });
  expect(await program.end(50)).toEqual({ code: null, signal: "SIGKILL" });
});

it("says which command cannot be started", async () => {
  const options = { command: "no-such-program", args: [], env: {}, cwd: "/" };
  await expect(OwnedProcess.spawn(options)).rejects.toThrow("The command no-such-program could not be started.");
});
