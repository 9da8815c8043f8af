import { describe, expect, it } from "vitest";
import { Lifecycle } from "../src/index.ts";

function recorder(): { readonly steps: string[]; step(name: string): () => Promise<void> } {
  const steps: string[] = [];
  return { steps, step: (name) => async () => void steps.push(name) };
}

describe("Lifecycle", () => {
  it("[SERV-1] starts once for any number of calls, which get the same promise", async () => {
    const { steps, step } = recorder();
    const lifecycle = new Lifecycle();
    const first = lifecycle.start(step("start"));
    expect(lifecycle.start(step("start"))).toBe(first);
    await first;
    expect(steps).toEqual(["start"]);
    expect(lifecycle.isStarted).toBe(true);
  });

  it("[SERV-1] does nothing on a stop before a start, and on a second stop", async () => {
    const { steps, step } = recorder();
    const lifecycle = new Lifecycle();
    await lifecycle.stop(step("stop"));
    await lifecycle.start(step("start"));
    await Promise.all([lifecycle.stop(step("stop")), lifecycle.stop(step("stop"))]);
    await lifecycle.stop(step("stop"));
    expect(steps).toEqual(["start", "stop"]);
  });

  it("[SERV-1] starts anew after a stop, and waits for a stop under way", async () => {
    const { steps, step } = recorder();
    const lifecycle = new Lifecycle();
    await lifecycle.start(step("start"));
    const stopping = lifecycle.stop(step("stop"));
    await lifecycle.start(step("start again"));
    await stopping;
    expect(steps).toEqual(["start", "stop", "start again"]);
  });

  it("[SERV-1] is stopped after a start that failed, and can be tried again", async () => {
    const { steps, step } = recorder();
    const lifecycle = new Lifecycle();
    await expect(lifecycle.start(() => Promise.reject(new Error("taken")))).rejects.toThrow("taken");
    expect(lifecycle.isStarted).toBe(false);
    await lifecycle.stop(step("stop"));
    await lifecycle.start(step("start"));
    expect(steps).toEqual(["start"]);
  });
});
