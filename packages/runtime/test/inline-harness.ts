import type { JsonValue, Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import type { RuntimeAbility, RuntimeHarness } from "../src/contract.ts";
import { type Handler, type HandlerContext, type InlineHandle, InlineRuntime, type Runtime } from "../src/index.ts";

/** What an InlineRuntime can do. */
export const inlineAbilities: readonly RuntimeAbility[] = ["returns", "reject", "refuse", "adopt", "stubborn"];

/** Opens a harness around the runtime that `create` makes of its handlers. */
export function openInlineHarness(
  create: (handlers: Readonly<Record<string, Handler>>) => Runtime = (handlers) => new InlineRuntime(handlers),
): RuntimeHarness {
  const running = new Set<string>();
  const begun = new Map<string, number>();
  const closed = new AbortController();

  const observed =
    (handler: Handler): Handler =>
    async (task, run) => {
      const name = `${task.id}/${run.number}/${run.attempt}`;
      begun.set(task.id, (begun.get(task.id) ?? 0) + 1);
      running.add(name);
      try {
        return await handler(task, run);
      } finally {
        running.delete(name);
      }
    };

  const handlers: Readonly<Record<string, Handler>> = {
    complete: (task) => task.attributes["value"],
    fail: (task) => Promise.reject(new Error(messageOf(task))),
    reject: async (task, run) => deepInside(run, messageOf(task)),
    slow: async (_task, run) => {
      await fired(run.signal, closed.signal);
      // A little later, as work does that has something to put away: whoever stops it has to wait.
      for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      throw run.signal.reason;
    },
    stubborn: () => fired(closed.signal),
  };
  const task = (handler: string, attributes: Record<string, JsonValue> = {}): Task =>
    aTask({ attributes: { handler, ...attributes } });

  return {
    runtime: create(Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, observed(handler)]))),
    tasks: {
      complete: (value) => task("complete", value === undefined ? {} : { value }),
      fail: (message) => task("fail", { message }),
      slow: () => task("slow"),
      reject: (message) => task("reject", { message }),
      refused: () => task("constructor"),
      stubborn: () => task("stubborn"),
    },
    isRunning: async (handle) => {
      const { id, run, attempt } = handle as InlineHandle;
      return running.has(`${id}/${run}/${attempt}`);
    },
    timesBegun: async ({ id }) => begun.get(id) ?? 0,
    close: async () => closed.abort(),
  };
}

function messageOf({ attributes }: Task): string {
  const { message } = attributes;
  return typeof message === "string" ? message : "no message";
}

/** Rejects from within calls that make something else of what is thrown, as libraries do. */
async function deepInside(run: HandlerContext, message: string): Promise<never> {
  try {
    await Promise.all([fired(AbortSignal.abort()), Promise.resolve().then(() => run.reject(message))]);
  } catch (cause) {
    throw new Error("a library failed", { cause });
  }
  throw new Error("reject returned");
}

function fired(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}
