import { type Checkable, type Health, InlineRuntime, type Runtime } from "@mayfly/runtime";
import { silentLogger } from "@mayfly/service";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { describe, expect, it } from "vitest";
import { RuntimeHealth } from "../src/runtime-health.ts";

describe("RuntimeHealth", () => {
  it("[APP-14] asks the runtime every 5 s, and logs when its health changes", async () => {
    let health: Health = { status: "healthy" };
    let timesAsked = 0;
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const ability: Checkable = {
      health: () => {
        timesAsked++;
        return Promise.resolve(health);
      },
    };
    const runtime: Runtime & Checkable = Object.assign(new InlineRuntime({}), ability);
    const watched = new RuntimeHealth(runtime, { clock, logger });
    expect(await watched.isHealthy()).toBe(true);
    health = { status: "unhealthy", message: "the engine is away" };
    expect([await watched.isHealthy(), timesAsked]).toEqual([true, 1]);
    await clock.advance(5_000);
    expect([await watched.isHealthy(), await watched.isHealthy(), timesAsked]).toEqual([false, false, 2]);
    await clock.advance(5_000);
    expect(await watched.isHealthy()).toBe(false);
    health = { status: "healthy" };
    await clock.advance(5_000);
    expect(await watched.isHealthy()).toBe(true);
    expect(logger.entries).toEqual([
      { level: "warn", message: "runtime is not well", fields: { error: "the engine is away" } },
      { level: "info", message: "runtime is well again", fields: {} },
    ]);
  });

  it("[APP-14] takes a runtime that cannot tell for healthy", async () => {
    const watched = new RuntimeHealth(new InlineRuntime({}), { clock: new ManualClock(), logger: silentLogger });
    expect(await watched.isHealthy()).toBe(true);
  });
});
