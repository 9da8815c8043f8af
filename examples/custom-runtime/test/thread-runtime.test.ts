import { channel } from "node:diagnostics_channel";
import { setEnvironmentData, type Worker } from "node:worker_threads";
import { describeRuntimeContract, type RuntimeHarness } from "@mayfly/runtime/contract";
import type { JsonValue, Task } from "@mayfly/task";
import { ThreadRuntime } from "../thread-runtime.ts";

describeRuntimeContract("ThreadRuntime", openHarness, [
  "returns",
  "refuse",
  "adopt",
  "stubborn",
  "force",
  "ignoresSignal",
]);

function openHarness(): RuntimeHarness {
  const threads = new Map<number, Worker>();
  const watch = (message: unknown): void => {
    const { worker } = message as { readonly worker: Worker };
    const { threadId } = worker;
    threads.set(threadId, worker);
    worker.once("exit", () => threads.delete(threadId));
  };
  channel("worker_threads").subscribe(watch);

  const timesBegun = new Int32Array(new SharedArrayBuffer(1_024));
  setEnvironmentData("timesBegun", timesBegun.buffer);
  let slot = 0;
  const task = (attributes: Record<string, JsonValue>): Task => ({
    id: crypto.randomUUID(),
    attributes: { script: "work", slot: slot++, ...attributes },
    scheduler: "threads",
    timeout: "2126-01-01T00:00:00.000Z",
  });

  return {
    runtime: new ThreadRuntime({ work: new URL("work.mjs", import.meta.url) }),
    tasks: {
      complete: (value) => task(value === undefined ? { does: "complete" } : { does: "complete", value }),
      fail: (message) => task({ does: "fail", message }),
      slow: () => task({ does: "slow" }),
      refused: () => task({ script: "constructor" }),
      stubborn: () => task({ does: "stubborn" }),
    },
    isRunning: async (handle) => threads.has((handle as { readonly thread: number }).thread),
    timesBegun: async ({ attributes }) => Atomics.load(timesBegun, Number(attributes["slot"])),
    close: async () => {
      channel("worker_threads").unsubscribe(watch);
      await Promise.all([...threads.values()].map((worker) => worker.terminate()));
    },
  };
}
