import { InlineRuntime, type Result, type RunContext, StopReason } from "@mayfly/runtime";
import type { JsonObject, JsonValue } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { describe, expect, it } from "vitest";
import { exampleHandlers } from "../src/index.ts";

interface Told {
  readonly result: Result;
  readonly lines: readonly string[];
  readonly progress: readonly JsonValue[];
}

/** Runs an example handler to its end; `stop` is fired as soon as it runs. */
async function runHandler(attributes: JsonObject, options: { readonly isStopped?: boolean } = {}): Promise<Told> {
  const stop = new AbortController();
  const lines: string[] = [];
  const progress: JsonValue[] = [];
  const context: RunContext = {
    signal: stop.signal,
    attempt: 1,
    number: 1,
    deadline: Date.now() + 60_000,
    log: (line) => lines.push(line),
    progress: (value) => progress.push(value),
  };
  const runtime = new InlineRuntime(exampleHandlers);
  const handle = await runtime.start(aTask({ attributes }), context);
  const ended = runtime.wait(handle);
  if (options.isStopped === true) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => setImmediate(resolve));
    stop.abort(new StopReason("abort", "Enough."));
  }
  return { result: await ended, lines, progress };
}

describe("exampleHandlers", () => {
  it("[APP-5] hello greets by name, or the world", async () => {
    const ada = await runHandler({ handler: "hello", name: "Ada" });
    expect(ada.result).toEqual({ status: "complete", value: { greeting: "Hello, Ada!" } });
    expect(ada.lines).toEqual(["Hello, Ada!"]);
    expect((await runHandler({ handler: "hello" })).lines).toEqual(["Hello, world!"]);
  });

  it("[APP-5] fail fails with its message", async () => {
    const { result } = await runHandler({ handler: "fail", message: "as told" });
    expect(result).toMatchObject({ status: "failed", reason: "failed", message: "as told" });
  });

  it("[APP-5] count reports each step", async () => {
    const { result, progress } = await runHandler({ handler: "count", steps: 3, ms: 1 });
    expect(progress).toEqual([1, 2, 3].map((step) => ({ step, steps: 3 })));
    expect(result).toMatchObject({ status: "complete", value: { steps: 3 } });
  });

  it("[APP-5] sleep stops at once when told to, and block ends by itself", async () => {
    expect((await runHandler({ handler: "sleep", ms: 600_000 }, { isStopped: true })).result.status).toBe("failed");
    expect((await runHandler({ handler: "block", ms: 5 })).result.status).toBe("complete");
  });

  it.each([-1, 1.5, "5", null])("[APP-5] rejects %j milliseconds", async (ms) => {
    expect((await runHandler({ handler: "sleep", ms })).result).toMatchObject({ reason: "rejected" });
  });
});
