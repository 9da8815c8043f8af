import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OwnedProcess } from "@mayfly/test-services";
import { expect, inject, it, vi } from "vitest";
import { findThreadFile } from "../src/lease-thread/thread-file.ts";

/** A start of Node.js with all modules takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 120_000 });

/** Runs a module given as text, with a keeper of the built package, and resolves with its end and its output. */
async function run(program: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const keeper = `new RedisStore({ url: ${JSON.stringify(inject("redisUrl"))} })
    .keepLeases({ instance: "a@b:1:aaaaaa", leaseMs: 30_000, onSignal() {} })`;
  const text = `import { RedisStore } from "@mayfly/store-redis"; const keeper = ${keeper}; ${program}`;
  return await runNode("--input-type=module", "--eval", text);
}

async function runNode(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const started = await OwnedProcess.spawn({
    command: process.execPath,
    args,
    env: { PATH: process.env["PATH"] ?? "" },
    cwd: fileURLToPath(new URL("../", import.meta.url)),
  });
  const { code } = await started.exited;
  return { code, output: started.output.trim() };
}

it("[REDIS-44] does not keep a process alive", async () => {
  expect(await run(`keeper.add({ id: "a", attempt: 1, token: "t", scheduledAt: 0 }, performance.now());`)).toEqual({
    code: 0,
    output: "",
  });
  expect(await run(`const work = setInterval(() => {}, 1_000); await keeper.ready; clearInterval(work);`)).toEqual({
    code: 0,
    output: "",
  });
});

it("[REDIS-44] keeps the process alive until it is closed, and no longer", async () => {
  expect(await run(`await keeper.close(); console.log("closed");`)).toEqual({ code: 0, output: "closed" });
});

it("[REDIS-44] starts whatever options the process was started with", async () => {
  const program = `import("@mayfly/store-redis").then(async ({ RedisStore }) => {
    const store = new RedisStore({ url: ${JSON.stringify(inject("redisUrl"))} });
    const keeper = store.keepLeases({ instance: "a@b:1:aaaaaa", leaseMs: 30_000, onSignal() {} });
    const work = setInterval(() => {}, 1_000);
    await keeper.ready;
    clearInterval(work);
    console.log("ready");
  });`;
  const options = ["--expose-gc", "--max-old-space-size=512", "--title=mayfly", "--enable-source-maps"];
  expect(await runNode(...options, "--eval", program)).toEqual({ code: 0, output: "ready" });
  expect(await runNode(...options, "--input-type=commonjs", "--eval", program)).toEqual({ code: 0, output: "ready" });
});

it("[REDIS-44] finds the file of the thread, and names one that is missing", async () => {
  expect(fileURLToPath(findThreadFile().file)).toMatch(/dist.lease-thread.lease-worker\.js$/);
  const folder = await mkdtemp(join(tmpdir(), "mayfly-thread-file-"));
  try {
    const [source, built] = ["src/lease-thread/thread-file.ts", "dist/lease-thread/thread-file.js"].map(
      (path) => pathToFileURL(join(folder, path)).href,
    );
    expect(() => findThreadFile(source)).toThrow(/lease-worker\.js\): run "npm run build"/);
    expect(() => findThreadFile(built)).toThrow(/installation .* incomplete.*lease-worker\.js/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
