import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Journal, recordingHandlers } from "./journal.ts";
import { System, until } from "./system.ts";

describe("a task that has to end early", () => {
  let system: System;
  let journal: Journal;

  beforeAll(async () => {
    system = await System.start();
    journal = await Journal.open();
    await system.startScheduler({ ...recordingHandlers, MAYFLY_CONCURRENCY: "2" });
    await system.request("PUT", "/scheduler/idle");
  });

  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await journal[Symbol.asyncDispose]();
  });

  async function linesOf(id: string): Promise<readonly string[]> {
    return (await journal.lines()).filter(([task]) => task === id).map(([, attempt, what]) => `${attempt} ${what}`);
  }

  /** Schedules a task for a scheduler of which no instance lives. */
  async function waiting(members: object = {}): Promise<string> {
    const body = { scheduler: "idle", attributes: {}, ...members };
    return String((await system.request("POST", "/task/schedule", body)).body["id"]);
  }

  const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();

  it("[E2E-3] is gone at its timeout while it runs, and its handler is told", async () => {
    const timeout = soon(5_000);
    const id = await system.scheduled("wait", { file: journal.file }, { timeout });
    await until(async () => (await linesOf(id)).length > 0, "the handler runs");
    const view = await system.done(id);
    expect(view).toMatchObject({ outcome: "timeout", attempt: 1 });
    const lateMs = Date.parse(view.endedAt ?? "") - Date.parse(timeout);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(1_000);
    await until(async () => (await linesOf(id)).length > 1, "the handler has heard of the timeout");
    expect(await linesOf(id)).toEqual(["1 started", "1 timeout"]);
  });

  it("[E2E-3] is gone at its timeout while it waits, and never runs", async () => {
    const timeout = soon(2_000);
    const id = await waiting({ timeout });
    const view = await system.done(id);
    expect(view).toMatchObject({ outcome: "timeout" });
    expect(view.attempt).toBeUndefined();
    expect(Date.parse(view.endedAt ?? "") - Date.parse(timeout)).toBeLessThanOrEqual(1_000);
  });

  it("[E2E-4] is aborted at once while it waits, and a second abort gets the same answer", async () => {
    const id = await waiting();
    const first = await system.request("POST", `/task/${id}/abort`, { reason: "no longer wanted" });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      state: "done",
      outcome: "aborted",
      reason: { code: "requested", message: "no longer wanted" },
    });
    const second = await system.request("POST", `/task/${id}/abort`);
    expect([second.status, second.body]).toEqual([200, first.body]);
  });

  it("[E2E-4] is aborted while it runs: its handler is told, and then it is done", async () => {
    const id = await system.scheduled("wait", { file: journal.file });
    await until(async () => (await linesOf(id)).length === 1, "the handler runs");
    const first = await system.request("POST", `/task/${id}/abort`);
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({ id, state: "aborting" });
    const view = await system.done(id);
    expect(view).toMatchObject({ outcome: "aborted", reason: { code: "requested" }, attempt: 1 });
    expect(await linesOf(id)).toEqual(["1 started", "1 abort"]);
    const again = await system.request("POST", `/task/${id}/abort`);
    expect([again.status, again.body]).toEqual([200, view]);
  });
});
