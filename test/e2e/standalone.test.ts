import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort, startApp } from "@mayfly/test-services";
import { describe, expect, it } from "vitest";
import { until } from "./system.ts";

const run = promisify(execFile);

describe("the embedded system", () => {
  it("[E2E-1] prints a curl line that schedules a task, and runs it", async () => {
    const port = String(await freePort());
    await using app = await startApp({ app: "standalone", env: { MAYFLY_PORT: port } });
    await app.waitFor("started");
    await until(async () => app.output.includes("curl"), "the welcome is printed");
    const line = /^ *(curl .*\/task\/schedule.*)$/m.exec(app.output)?.[1] ?? "";
    const scheduled = JSON.parse((await run("sh", ["-c", line])).stdout) as { id: string };
    const response = await fetch(`http://127.0.0.1:${port}/task/${scheduled.id}?wait=10`);
    expect(await response.json()).toMatchObject({
      state: "done",
      outcome: "complete",
      result: { greeting: "Hello, Ada!" },
    });
    expect(await app.end()).toEqual({ code: 0, signal: null });
  });

  it("[APP-1] refuses a bad configuration with one message that names every problem, and exits with 1", async () => {
    const env = { MAYFLY_PORT: "80x", MAYFLY_CONCURRENCY: "0", MAYFLY_HOST: "0.0.0.0" };
    await using app = await startApp({ app: "standalone", env });
    expect((await app.exited).code).toBe(1);
    expect(app.output).toContain("MAYFLY_PORT: must be a whole number");
    expect(app.output).toContain("MAYFLY_CONCURRENCY: must be from 1");
  });

  it("[APP-2] refuses to listen where others can reach it without being told so", async () => {
    await using app = await startApp({ app: "standalone", env: { MAYFLY_HOST: "0.0.0.0", MAYFLY_PORT: "0" } });
    expect((await app.exited).code).toBe(1);
    expect(app.output).toContain("MAYFLY_INSECURE");
  });

  it("[APP-3] ends with 1 and says why when its handlers cannot be loaded", async () => {
    await using app = await startApp({ app: "standalone", env: { MAYFLY_HANDLERS: "nowhere.mjs", MAYFLY_PORT: "0" } });
    expect((await app.exited).code).toBe(1);
    expect(app.output).toContain("MAYFLY_HANDLERS: nowhere.mjs cannot be loaded");
  });
});
