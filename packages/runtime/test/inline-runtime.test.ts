import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import type { JsonObject, Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { describe, expect, it } from "vitest";
import {
  type Handler,
  type HandlerContext,
  InlineRuntime,
  type Result,
  type RunContext,
  RuntimeError,
  StopReason,
} from "../src/index.ts";

function aRun(overrides: Partial<RunContext> = {}): RunContext {
  const { signal } = new AbortController();
  return { signal, attempt: 1, number: 1, deadline: 0, log: () => undefined, progress: () => undefined, ...overrides };
}

function aTaskFor(handler: string, attributes: JsonObject = {}): Task {
  return aTask({ attributes: { handler, ...attributes } });
}

async function resultOf(handler: Handler): Promise<Result> {
  const runtime = new InlineRuntime({ handler });
  return runtime.wait(await runtime.start(aTaskFor("handler"), aRun()));
}

/** A promise and what settles it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("InlineRuntime finds the handler of a task", () => {
  const handlers: Record<string, Handler> = { b: () => "b", a: () => "a" };

  it.each(["c", "constructor", "__proto__", "toString", "hasOwnProperty", ""])(
    "and has none named %j [RUN-2]",
    async (name) => {
      const error: unknown = await new InlineRuntime(handlers)
        .start(aTaskFor(name), aRun())
        .catch((thrown: unknown) => thrown);
      expect(RuntimeError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: "rejected" });
      expect(String(error)).toContain(`${JSON.stringify(name)}. Known handlers: a, b.`);
    },
  );

  it.each([{}, { handler: 1 }, { handler: null }])("and says that %j names none [RUN-2]", async (attributes) => {
    const started = new InlineRuntime(handlers).start(aTask({ attributes }), aRun());
    await expect(started).rejects.toThrow("The task names no handler. Known handlers: a, b.");
  });

  it("and says so when there is none at all [RUN-2]", async () => {
    await expect(new InlineRuntime({}).start(aTaskFor("a"), aRun())).rejects.toThrow("Known handlers: none.");
  });

  it("by a function of its user's [RUN-2]", async () => {
    const runtime = new InlineRuntime(handlers, { select: (task) => task.scheduler });
    expect(await runtime.wait(await runtime.start(aTask({ scheduler: "b" }), aRun()))).toEqual({
      status: "complete",
      value: "b",
    });
    await expect(runtime.start(aTask({ scheduler: "x" }), aRun())).rejects.toMatchObject({ code: "rejected" });
  });

  it("and rejects the task when that function throws [RUN-2]", async () => {
    const select = (): never => {
      throw new TypeError("no such member");
    };
    const started = new InlineRuntime(handlers, { select }).start(aTaskFor("a"), aRun());
    await expect(started).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringContaining("no such member"),
    });
  });

  it("among those that it was constructed with", async () => {
    const given: Record<string, Handler> = { a: () => 1 };
    const runtime = new InlineRuntime(given);
    given["late"] = () => 2;
    await expect(runtime.start(aTaskFor("late"), aRun())).rejects.toMatchObject({ code: "rejected" });
  });
});

describe("InlineRuntime gives a handler", () => {
  it("a copy of the task that is its own, with all its members [RUN-3]", async () => {
    const task = Object.freeze(aTaskFor("change", { list: [1] }));
    const before = structuredClone(task);
    const seen: Task[] = [];
    const runtime = new InlineRuntime({
      change: (own) => {
        seen.push(structuredClone(own));
        (own.attributes["list"] as number[]).push(2);
        own.id = "another";
      },
    });
    for (const number of [1, 2]) await runtime.wait(await runtime.start(task, aRun({ number })));
    expect(seen).toEqual([before, before]);
    expect(task).toEqual(before);
  });

  it("the task as it was when it was started", async () => {
    const runtime = new InlineRuntime({ get: (task) => task.attributes["n"] });
    const task = aTaskFor("get", { n: 1 });
    const handle = await runtime.start(task, aRun());
    task.attributes = {};
    expect(await runtime.wait(handle)).toEqual({ status: "complete", value: 1 });
  });

  it("what the owner says of the run, and hears it through functions that can be taken apart", async () => {
    const lines: string[] = [];
    const reports: unknown[] = [];
    class Owned implements RunContext {
      readonly signal = new AbortController().signal;
      readonly attempt = 3;
      readonly number = 2;
      readonly deadline = 1_234;
      readonly traceparent = "00-a-b-01";
      readonly #lines = lines;
      log(line: string): void {
        this.#lines.push(line);
      }
      progress(value: unknown): void {
        reports.push(value);
      }
    }
    const runtime = new InlineRuntime({
      say: (_task, { attempt, number, deadline, traceparent, log, progress }) => {
        log("a line");
        progress({ percent: 50 });
        return { attempt, number, deadline, traceparent };
      },
    });
    const result = await runtime.wait(await runtime.start(aTaskFor("say"), new Owned()));
    expect(result).toEqual({
      status: "complete",
      value: { attempt: 3, number: 2, deadline: 1_234, traceparent: "00-a-b-01" },
    });
    expect(lines).toEqual(["a line"]);
    expect(reports).toEqual([{ percent: 50 }]);
  });
});

describe("InlineRuntime turns what a handler does into a result:", () => {
  it.each([
    ["nothing", undefined, { status: "complete" }],
    ["null", null, { status: "complete", value: null }],
    ["a value", { a: [1, "x", false] }, { status: "complete", value: { a: [1, "x", false] } }],
    ["a date", new Date(0), { status: "complete", value: "1970-01-01T00:00:00.000Z" }],
    ["a member that is undefined", { a: undefined, b: 1 }, { status: "complete", value: { b: 1 } }],
  ])("returns %s [RUN-4]", async (_name, value, result) => {
    expect(await resultOf(() => value)).toStrictEqual(result);
    expect(await resultOf(() => Promise.resolve(value))).toStrictEqual(result);
  });

  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  it.each([
    ["a BigInt", 1n, /BigInt/],
    ["a cycle", cycle, /circular/],
    ["a function", () => 1, /a function/],
    ["a symbol", Symbol("s"), /a symbol/],
    [
      "what throws in toJSON",
      {
        toJSON: () => {
          throw new Error("not me");
        },
      },
      /not me/,
    ],
  ])("returns %s, which JSON cannot say [RUN-4]", async (_name, value, message) => {
    const result = await resultOf(() => value);
    expect(result).toMatchObject({ status: "failed", reason: "failed", message: expect.stringMatching(message) });
    expect(result).toMatchObject({ message: expect.stringContaining("a value that JSON cannot say") });
  });

  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("hands off");
      },
    },
  );
  it.each([
    ["an error", new Error("no luck"), "no luck"],
    ["an error without a message", new TypeError(), "TypeError"],
    ["a string", "no luck", "no luck"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["an object", { code: 7 }, "{ code: 7 }"],
    ["an object with a message", { message: "no luck" }, "no luck"],
    ["an object without a prototype", Object.create(null) as unknown, "[Object: null prototype] {}"],
    ["what cannot be looked at", hostile, "something that cannot be described"],
  ])("throws %s [RUN-4]", async (_name, thrown, message) => {
    const failed = { status: "failed", reason: "failed", message };
    expect(
      await resultOf(() => {
        throw thrown;
      }),
    ).toEqual(failed);
    expect(
      await resultOf(async () => {
        throw thrown;
      }),
    ).toEqual(failed);
  });

  it.each<[string, (run: HandlerContext) => unknown]>([
    ["at once", (run) => run.reject("not here")],
    [
      "after a while",
      async (run) => {
        await Promise.resolve();
        run.reject("not here");
      },
    ],
    [
      "within code that wraps errors",
      async (run) => {
        try {
          run.reject("not here");
        } catch (cause) {
          throw new Error("wrapped", { cause });
        }
      },
    ],
    [
      "within code that swallows errors",
      (run) => {
        try {
          return run.reject("not here");
        } catch {
          return "fine";
        }
      },
    ],
    [
      "twice",
      (run) => {
        try {
          run.reject("not here");
        } catch {
          run.reject("nor there");
        }
      },
    ],
  ])("rejects %s [RUN-5]", async (_name, handler) => {
    expect(await resultOf((_task, run) => handler(run))).toEqual({
      status: "failed",
      reason: "rejected",
      message: "not here",
    });
  });
});

describe("InlineRuntime begins", () => {
  it("a turn after start has resolved, so that the handle can be stored before a handler blocks [RUN-6]", async () => {
    const order: string[] = [];
    const runtime = new InlineRuntime({ block: () => void order.push("handler") });
    const handle = await runtime.start(aTaskFor("block"), aRun());
    order.push("started");
    for (let hop = 0; hop < 100; hop++) await Promise.resolve();
    order.push("stored");
    await runtime.wait(handle);
    expect(order).toEqual(["started", "stored", "handler"]);
  });

  it.each(["stop", "signal"])("nothing that was ended by then by a %s [RUN-6]", async (way) => {
    const owner = new AbortController();
    let calls = 0;
    const runtime = new InlineRuntime({ count: () => void calls++ });
    const handle = await runtime.start(aTaskFor("count"), aRun({ signal: owner.signal }));
    if (way === "stop") await runtime.stop(handle, { graceMs: 1_000 });
    else owner.abort(new StopReason("shutdown", "over"));
    expect(await runtime.wait(handle)).toMatchObject({
      status: "failed",
      reason: "runtime",
      message: /before its handler/,
    });
    expect(calls).toBe(0);
  });

  it("nothing when the owner's signal has fired before", async () => {
    const runtime = new InlineRuntime({ never: () => "called" });
    const signal = AbortSignal.abort(new StopReason("lost", "gone"));
    const result = await runtime.wait(await runtime.start(aTaskFor("never"), aRun({ signal })));
    expect(result).toMatchObject({ status: "failed", reason: "runtime", message: expect.stringContaining("gone") });
  });
});

describe("InlineRuntime tells a handler to end", () => {
  const untilFired: Handler = (_task, { signal }) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve((signal.reason as StopReason).code)));

  it.each(["abort", "timeout", "lost", "shutdown"] as const)("for the owner's reason %s [RUN-7]", async (code) => {
    const owner = new AbortController();
    const begun = gate();
    const reason = new StopReason(code, "because");
    const seen: unknown[] = [];
    const runtime = new InlineRuntime({
      wait: async (task, run) => {
        begun.open();
        await untilFired(task, run);
        seen.push(run.signal.reason);
      },
    });
    const handle = await runtime.start(aTaskFor("wait"), aRun({ signal: owner.signal }));
    await begun.opened;
    owner.abort(reason);
    await runtime.stop(handle, { graceMs: 1_000 });
    expect(seen).toEqual([reason]);
    expect(seen[0]).toBe(reason);
  });

  it("as aborted when it is stopped first [RUN-7]", async () => {
    const begun = gate();
    const runtime = new InlineRuntime({ wait: (task, run) => (begun.open(), untilFired(task, run)) });
    const handle = await runtime.start(aTaskFor("wait"), aRun());
    await begun.opened;
    await runtime.stop(handle, { graceMs: 1_000 });
    expect(await runtime.wait(handle)).toEqual({ status: "complete", value: "abort" });
  });

  it("through a signal of its own, and listens to the owner's no longer than the run lasts [RUN-7]", async () => {
    const owner = new AbortController();
    let listeners = 0;
    const { signal } = owner;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parts: Parameters<typeof add>) => (listeners++, add(...parts));
    signal.removeEventListener = (...parts: Parameters<typeof remove>) => (listeners--, remove(...parts));
    let own: AbortSignal | undefined;
    const runtime = new InlineRuntime({ end: (_task, run) => void (own = run.signal) });
    const handle = await runtime.start(aTaskFor("end"), aRun({ signal }));
    expect(listeners).toBe(1);
    await runtime.wait(handle);
    expect(listeners).toBe(0);
    owner.abort();
    await runtime.stop(handle, { graceMs: 1_000 });
    await runtime.destroy(handle);
    expect(own?.aborted).toBe(false);
  });

  it("and leaves one that goes on after the grace to itself, with a warning; its run ends when it returns [RUN-8]", async () => {
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const begun = gate();
    const end = gate();
    const runtime = new InlineRuntime({ stay: () => (begun.open(), end.opened.then(() => "late")) }, { clock, logger });
    const task = aTaskFor("stay");
    const handle = await runtime.start(task, aRun());
    await begun.opened;
    let stopped = false;
    const stop = runtime.stop(handle, { graceMs: 500 }).then(() => (stopped = true));
    await clock.advance(499);
    expect(stopped).toBe(false);
    expect(logger.entries).toEqual([]);
    await clock.advance(1);
    await stop;
    let isOver = false;
    const result = runtime.wait(handle).finally(() => (isOver = true));
    await clock.advance(60_000);
    expect(isOver).toBe(false);
    expect(logger.entries).toMatchObject([{ level: "warn", fields: { taskId: task.id, run: 1, graceMs: 500 } }]);
    end.open();
    expect(await result).toEqual({ status: "complete", value: "late" });
    expect(clock.pendingTimers).toBe(0);
  });

  it("and keeps no timer once it has ended", async () => {
    const clock = new ManualClock();
    const begun = gate();
    const runtime = new InlineRuntime({ wait: (task, run) => (begun.open(), untilFired(task, run)) }, { clock });
    const handle = await runtime.start(aTaskFor("wait"), aRun());
    await begun.opened;
    await runtime.stop(handle, { graceMs: 60_000 });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("InlineRuntime keeps a run", () => {
  it("until it is destroyed, and then knows nothing of it [RUN-9]", async () => {
    const runtime = new InlineRuntime({ end: () => "end" });
    const handle = await runtime.start(aTaskFor("end"), aRun());
    await runtime.wait(handle);
    await runtime.destroy(handle);
    expect(await runtime.wait(handle)).toMatchObject({ status: "failed", reason: "runtime" });
  });

  it("in its own process alone [RUN-9]", async () => {
    const end: Handler = () => "end";
    const handle = await new InlineRuntime({ end }).start(aTaskFor("end"), aRun());
    const next = new InlineRuntime({ end });
    expect(await next.wait(handle)).toMatchObject({
      status: "failed",
      reason: "runtime",
      message: expect.stringMatching(/not known/),
    });
    await next.stop(handle, { graceMs: 1_000 });
    await next.destroy(handle);
  });

  it("by a handle that holds the id, the number of the run and the attempt [RUN-9]", async () => {
    const runtime = new InlineRuntime({ end: () => "end" });
    const task = aTaskFor("end");
    expect(await runtime.start(task, aRun({ number: 2 }))).toEqual({ version: 1, id: task.id, run: 2, attempt: 1 });
  });

  it("apart from that of a later owner, which an earlier one that could not stop it does not touch [RUN-9]", async () => {
    const clock = new ManualClock();
    const ends = [gate(), gate()];
    const runtime = new InlineRuntime(
      { stay: (_task, { attempt }) => ends[attempt - 1]?.opened.then(() => attempt) },
      { clock },
    );
    const task = aTaskFor("stay");
    const first = await runtime.start(task, aRun({ attempt: 1 }));
    await clock.advance(0);
    const stop = runtime.stop(first, { graceMs: 10 });
    await clock.advance(10);
    await stop;
    const second = await runtime.start(task, aRun({ attempt: 2 }));
    await clock.advance(0);
    await runtime.destroy(first);
    for (const end of ends) end.open();
    expect(await runtime.wait(second)).toEqual({ status: "complete", value: 2 });
  });

  it("whose destruction before its end tells the handler and those who wait", async () => {
    const begun = gate();
    let seen: unknown;
    const runtime = new InlineRuntime({
      stay: (_task, { signal }) => {
        begun.open();
        signal.addEventListener("abort", () => void (seen = signal.reason));
        return new Promise(() => undefined);
      },
    });
    const handle = await runtime.start(aTaskFor("stay"), aRun());
    await begun.opened;
    const result = runtime.wait(handle);
    await runtime.destroy(handle);
    expect(await result).toMatchObject({ status: "failed", reason: "runtime" });
    expect(seen).toMatchObject({ code: "abort" });
  });
});
