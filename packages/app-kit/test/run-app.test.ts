import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type App, ConfigError, runApp } from "../src/index.ts";

const config = { MAYFLY_LOG_LEVEL: "silent", MAYFLY_SHUTDOWN_GRACE_MS: 1_234 };

describe("runApp", () => {
  const signals = ["SIGTERM", "SIGINT"] as const;
  let listenersBefore: ReadonlySet<unknown>;
  let exit: EventTarget;

  beforeEach(() => {
    listenersBefore = new Set(signals.flatMap((signal) => process.listeners(signal)));
    exit = new EventTarget();
    vi.spyOn(process, "exit").mockImplementation((code) => {
      exit.dispatchEvent(new CustomEvent("exit", { detail: code }));
      return undefined as never;
    });
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
  });

  afterEach(() => {
    for (const signal of signals) {
      for (const listener of process.listeners(signal)) {
        if (!listenersBefore.has(listener)) process.off(signal, listener);
      }
    }
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });

  /** Sends SIGTERM to the program, and resolves with the code with which it ends. */
  async function endedBySignal(): Promise<unknown> {
    const exited = once(exit, "exit");
    process.emit("SIGTERM", "SIGTERM");
    const [event] = (await exited) as [CustomEvent<unknown>];
    return event.detail;
  }

  async function run(app: App): Promise<void> {
    await runApp({ name: "test", parseConfig: () => config, build: () => app });
  }

  it("[APP-9] ends with 0 when it has drained within its grace", async () => {
    const stop = vi.fn<App["stop"]>().mockResolvedValue();
    await run({ start: () => Promise.resolve(), stop });
    expect(await endedBySignal()).toBe(0);
    expect(stop).toHaveBeenCalledExactlyOnceWith({ graceMs: 1_234 });
  });

  it("[APP-9] ends with 1 when its stop fails", async () => {
    await run({ start: () => Promise.resolve(), stop: () => Promise.reject(new Error("stuck")) });
    expect(await endedBySignal()).toBe(1);
  });

  it("[APP-9] ends with 1 at a second signal, whatever its stop does", async () => {
    await run({ start: () => Promise.resolve(), stop: () => new Promise(() => undefined) });
    process.emit("SIGTERM", "SIGTERM");
    expect(await endedBySignal()).toBe(1);
  });

  it("[APP-9] ends with 1 and its message when its start fails", async () => {
    const failing = once(exit, "exit");
    await run({ start: () => Promise.reject(new Error("no port")), stop: () => Promise.resolve() });
    expect(((await failing) as [CustomEvent<unknown>])[0].detail).toBe(1);
    expect(process.stderr.write).toHaveBeenCalledWith("no port\n");
  });

  it("[APP-1] leaves the code 1 behind when its configuration cannot be used, and starts nothing", async () => {
    const build = vi.fn<() => App>();
    const parseConfig = (): typeof config => {
      throw new ConfigError("The configuration cannot be used.");
    };
    await runApp({ name: "test", parseConfig, build });
    expect(process.exitCode).toBe(1);
    expect(build).not.toHaveBeenCalled();
  });
});
