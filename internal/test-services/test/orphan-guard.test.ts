import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OrphanGuard } from "../src/orphan-guard.ts";

it("[OPS-1] kills the watched groups and deletes the folders when its process ends", async () => {
  const guard = new OrphanGuard();
  const folder = mkdtempSync(join(tmpdir(), "mayfly-guard-"));
  const [watched, forgotten] = [1, 2].map(() => spawn("cat", { detached: true, stdio: ["pipe", "ignore", "ignore"] }));
  if (watched?.pid === undefined || forgotten?.pid === undefined) throw new Error("cat could not be started");
  guard.watch(watched.pid);
  guard.watch(forgotten.pid);
  guard.forget(forgotten.pid);
  guard.removeAtEnd(folder);

  const end = once(watched, "close");
  await guard.end();
  expect(await end).toEqual([null, "SIGKILL"]);
  expect(existsSync(folder)).toBe(false);
  expect(forgotten.exitCode ?? forgotten.signalCode).toBeNull();

  forgotten.stdin?.end();
  await once(forgotten, "close");
});

it("refuses a folder whose name it could not pass on", () => {
  expect(() => new OrphanGuard().removeAtEnd("/tmp/a b")).toThrow('The folder "/tmp/a b" must not have spaces');
});
