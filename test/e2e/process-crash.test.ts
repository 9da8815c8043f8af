import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Journal } from "./journal.ts";
import { System, until } from "./system.ts";

/** Notes down its process and that of its child, and ends neither when it is asked to. */
const script = `trap '' TERM; sleep 3600 & echo "$MAYFLY_TASK_ID $MAYFLY_RUN $$ $!" >> "$0"; wait`;

it("[PROC-13] the commands of a scheduler that was killed end with it, and run anew at another one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mayfly-runtime-"));
  await using system = await System.start();
  await using journal = await Journal.open();
  const spec = join(folder, "spec.json");
  await writeFile(spec, JSON.stringify({ commands: { tree: { argv: ["/bin/sh", "-c", script, journal.file] } } }));
  const env = { MAYFLY_RUNTIME: "process", MAYFLY_RUNTIME_SPEC: spec, MAYFLY_LEASE_MS: "4000" };
  const first = await system.startScheduler(env);
  const body = { scheduler: "hello", attributes: { command: "tree" } };
  const id = String((await system.request("POST", "/task/schedule", body)).body["id"]);
  await until(async () => (await journal.lines()).length === 1, "the command runs");
  await system.reaches(id, "running", 1);

  await first.kill();
  const [before = []] = await journal.lines();
  await until(async () => before.slice(2).every((pid) => !isAlive(Number(pid))), "the command and its child are gone");
  await system.startScheduler(env);
  await system.reaches(id, "running", 2);
  await until(async () => (await journal.lines()).length === 2, "the command runs anew");
  expect((await journal.lines()).map(([task]) => task)).toEqual([id, id]);
  expect(await system.view(id)).toMatchObject({ state: "running", attempt: 2 });
  await rm(folder, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
