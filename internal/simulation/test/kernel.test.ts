import { describe, expect, it } from "vitest";
import { Kernel } from "../src/kernel.ts";
import { SimulatedProcess } from "../src/simulated-process.ts";

describe("virtual time", () => {
  it("[SIM-1] calls in the order of time, then of planning, each when all before is at rest", async () => {
    const kernel = new Kernel();
    const heard: string[] = [];
    kernel.after(20, () => heard.push("late"));
    kernel.after(10, () => {
      heard.push("first");
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => heard.push("of the first"));
    });
    kernel.after(10, () => heard.push("second"));
    kernel.after(15, () => heard.push("cancelled")).cancel();
    await kernel.run(kernel.nowMs + 20);
    expect(heard).toEqual(["first", "of the first", "second", "late"]);
  });

  it("[SIM-4] keeps the events of a paused process for later, and drops those of a dead one", async () => {
    const kernel = new Kernel();
    const process = new SimulatedProcess({ kernel, kind: "api", name: "api" });
    const heard: number[] = [];
    const beginMs = kernel.nowMs;
    for (const delayMs of [10, 20, 30, 40]) {
      process.clock.setTimer(delayMs, () => heard.push(kernel.nowMs - beginMs));
    }
    kernel.after(15, () => process.pause());
    kernel.after(25, () => process.resume());
    kernel.after(35, () => process.kill());
    await kernel.run(beginMs + 100);
    expect(heard).toEqual([10, 25, 30]);
  });

  it("[SIM-4] lets the wall clock of a process jump, and not its monotonic one", async () => {
    const kernel = new Kernel();
    const process = new SimulatedProcess({ kernel, kind: "api", name: "api" });
    const { clock } = process;
    const before = { wall: clock.now(), monotonic: clock.monotonicMs() };
    process.wallOffsetMs = -3_600_000;
    await kernel.run(kernel.nowMs + 5);
    expect(clock.now() - before.wall).toBe(-3_599_995);
    expect(clock.monotonicMs() - before.monotonic).toBe(5);
    expect(kernel.clock.now()).toBe(kernel.nowMs);
  });
});
