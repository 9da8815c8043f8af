import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { aTask } from "@mayfly/task/testing";
import { describe, expect, it } from "vitest";
import { InlineRuntime, StopReason } from "../src/index.ts";

describe("InlineRuntime", () => {
  it("completes", async () => {
    const runtime = new InlineRuntime({ hello: (task) => `Hello ${String(task.attributes["name"])}` });
    const run = { signal: new AbortController().signal, attempt: 1, number: 1, deadline: 0, log() {}, progress() {} };
    const handle = await runtime.start(aTask({ attributes: { handler: "hello", name: "Ada" } }), run);
    expect(await runtime.wait(handle)).toEqual({ status: "complete", value: "Hello Ada" });
  });
});
