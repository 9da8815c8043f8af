import { RedisStore } from "@mayfly/store-redis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordingHandlers } from "./journal.ts";
import { System, until } from "./system.ts";

const maxLogBytes = 1_048_576;
const cutMark = `\n--- the log is cut here: it has reached ${maxLogBytes} bytes ---\n`;

describe("the log of a task", () => {
  let system: System;
  let store: RedisStore;

  beforeEach(async () => {
    system = await System.start();
    store = new RedisStore({ url: system.services.redisUrl, prefix: system.prefix });
    await store.open();
  });

  afterEach(async () => {
    await store.close();
    await system[Symbol.asyncDispose]();
  });

  /** All of the log as it stands. */
  async function log(id: string): Promise<string> {
    return (await store.readLog(id, { from: 0, limitBytes: 2 * maxLogBytes })).text;
  }

  it("[SDK-69] is there while the task runs, after its owner was killed, and after its end", async () => {
    const env = { ...recordingHandlers, MAYFLY_LEASE_MS: "5000" };
    const first = await system.startScheduler(env);
    const id = await system.scheduled("say");
    const said = `--- attempt 1, run 1 ---\nbegun by ${first.pid}\n`;
    await until(async () => (await log(id)) === said, "the log has what the first attempt said");
    expect(await system.view(id)).toMatchObject({ state: "running", attempt: 1 });
    await first.kill();
    const second = await system.startScheduler(env);
    const saidAgain = `${said}--- attempt 2, run 1 ---\nbegun by ${second.pid}\n`;
    await until(async () => (await log(id)) === saidAgain, "the log has what both attempts said");
    await system.request("POST", `/task/${id}/abort`);
    expect(await system.done(id)).toMatchObject({ outcome: "aborted", attempt: 2 });
    expect(await store.readLog(id, { from: saidAgain.length, limitBytes: 1_000 })).toMatchObject({
      text: "told to stop: abort\n",
      isEnded: true,
      isKnown: true,
    });
  });

  it("[SDK-66, SDK-69] is cut with a mark when the task says more than it takes", async () => {
    await system.startScheduler(recordingHandlers);
    const id = await system.scheduled("flood", { lines: 20_000 });
    expect(await system.done(id)).toMatchObject({ outcome: "complete" });
    const text = await log(id);
    expect(text.startsWith("--- attempt 1, run 1 ---\nxxx")).toBe(true);
    expect(text.endsWith(`x${cutMark}`)).toBe(true);
    expect(text.length).toBe(maxLogBytes + cutMark.length);
  });
});
