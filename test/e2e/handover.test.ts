import { RedisStore } from "@mayfly/store-redis";
import { describe, expect, it } from "vitest";
import { Journal, recordingHandlers } from "./journal.ts";
import { System, until } from "./system.ts";

const leaseMs = 5_000;

describe("a scheduler that goes away", () => {
  it("[E2E-5] killed: another instance runs its task as attempt 2 after the lease, and the late result is stale", async () => {
    await using system = await System.start();
    await using journal = await Journal.open();
    const env = { ...recordingHandlers, MAYFLY_LEASE_MS: String(leaseMs) };
    const first = await system.startScheduler(env);
    const id = await system.scheduled("wait", { file: journal.file });
    await until(async () => (await journal.lines()).length === 1, "the first instance runs the task");
    const before = await system.view(id);
    await system.startScheduler(env);
    const killedAtMs = performance.now();
    await first.kill();
    await system.reaches(id, "running", 2);
    expect(performance.now() - killedAtMs).toBeLessThanOrEqual(leaseMs + 10_000);

    await using store = new RedisStore({ url: system.services.redisUrl, prefix: system.prefix });
    await store.open();
    const owner = {
      id,
      attempt: 1,
      token: "00000000-0000-4000-8000-000000000000",
      scheduledAt: Date.parse(before.scheduledAt),
    };
    expect(await store.finish(owner, { outcome: "complete", result: "late" })).toEqual({ answer: "stale" });
    expect(await system.view(id)).toMatchObject({ state: "running", attempt: 2 });
    await until(async () => (await journal.lines()).length > 1, "the second instance runs the task");
    expect((await journal.lines()).map(([task, attempt]) => [task, attempt])).toEqual([
      [id, "1"],
      [id, "2"],
    ]);
  });

  it("[E2E-5] stopped: short tasks finish, long ones run elsewhere without counting a failure, exit code 0", async () => {
    await using system = await System.start();
    await using journal = await Journal.open();
    const env = { ...recordingHandlers, MAYFLY_MAX_ATTEMPTS: "1", MAYFLY_SHUTDOWN_GRACE_MS: "8000" };
    const first = await system.startScheduler(env);
    const long = await system.scheduled("wait", { file: journal.file });
    const short = await system.scheduled("work", { file: journal.file, ms: 2_000 });
    await until(async () => (await journal.lines()).length === 2, "both tasks run");
    const second = await system.startScheduler(env);
    first.signal("SIGTERM");
    expect(await first.exited).toEqual({ code: 0, signal: null });
    expect(await system.done(short)).toMatchObject({ outcome: "complete", attempt: 1 });
    expect(await system.reaches(long, "running", 2)).toMatchObject({ attempt: 2 });
    await until(async () => (await journal.lines()).length === 4, "the long task runs again");
    const lines = (await journal.lines())
      .filter(([task]) => task === long)
      .map(([, attempt, what, pid]) => [attempt, what, Number(pid)]);
    expect(lines).toEqual([
      ["1", "started", first.pid],
      ["1", "shutdown", first.pid],
      ["2", "started", second.pid],
    ]);
  });
});
