import { aTask } from "@mayfly/task/testing";
import { describe, expect, it } from "vitest";
import { type RunContext, runVariables, taskVariable } from "../src/index.ts";

const run: RunContext = {
  signal: new AbortController().signal,
  attempt: 3,
  number: 2,
  deadline: Date.UTC(2100, 0, 1) + 0.4,
  log: () => {},
  progress: () => {},
};

describe("runVariables", () => {
  it("[RUN-38] tells which run it is", () => {
    const task = aTask();
    const told = {
      MAYFLY_TASK_ID: task.id,
      MAYFLY_ATTEMPT: "3",
      MAYFLY_RUN: "2",
      MAYFLY_DEADLINE: "2100-01-01T00:00:00.000Z",
    };
    expect(runVariables(task, run)).toEqual(told);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(runVariables(task, { ...run, traceparent })).toEqual({ ...told, TRACEPARENT: traceparent });
  });
});

describe("taskVariable", () => {
  it("[RUN-39] gives the task as JSON up to 64 KiB of UTF-8, and rejects a larger one", () => {
    const bytes = Buffer.byteLength(JSON.stringify(aTask({ attributes: { text: "" } })));
    const large = (length: number): unknown => taskVariable(aTask({ attributes: { text: "ü".repeat(length / 2) } }));
    const room = 65_536 - bytes;
    expect(large(room - (room % 2))).toHaveProperty("MAYFLY_TASK");
    expect(() => large(room - (room % 2) + 2)).toThrow(
      expect.objectContaining({ code: "rejected", message: expect.stringMatching(/at most 65536/) as string }) as Error,
    );
  });
});
