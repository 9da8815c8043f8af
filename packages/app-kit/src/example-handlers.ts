import { setTimeout as sleep } from "node:timers/promises";
import type { Handler, HandlerContext } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";

/** What the reference scheduler can do: small handlers that show, and let one try, every way in which a task goes. */
export const exampleHandlers: Readonly<Record<string, Handler>> = {
  /** Greets `attributes.name`. */
  hello(task, run) {
    const name = task.attributes["name"];
    const greeting = `Hello, ${typeof name === "string" ? name : "world"}!`;
    run.log(greeting);
    return { greeting };
  },

  /** Waits `attributes.ms`; stops at once when told to. */
  async sleep(task, run) {
    await sleep(milliseconds(task, run), undefined, { signal: run.signal });
  },

  /** Fails with `attributes.message`. */
  fail(task) {
    const message = task.attributes["message"];
    throw new Error(typeof message === "string" ? message : "This task was made to fail.");
  },

  /** Reports progress over `attributes.steps`, `attributes.ms` each. */
  async count(task, run) {
    const steps = wholeAttribute(task, run, "steps", 10);
    const ms = milliseconds(task, run);
    for (let step = 1; step <= steps; step++) {
      await sleep(ms, undefined, { signal: run.signal });
      run.progress({ step, steps });
    }
    return { steps };
  },

  /** Blocks the event loop for `attributes.ms`: what a handler should never do. */
  block(task, run) {
    const untilMs = performance.now() + milliseconds(task, run);
    while (performance.now() < untilMs) {
      // The point of it is to yield to nothing.
    }
  },
};

function milliseconds(task: Task, run: HandlerContext): number {
  return wholeAttribute(task, run, "ms", 1_000);
}

function wholeAttribute(task: Task, run: HandlerContext, name: string, fallback: number): number {
  const given = task.attributes[name];
  const value = given === undefined ? fallback : given;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 2 ** 31 - 1) return value;
  return run.reject(`attributes.${name} must be a whole number of at least 0, not ${JSON.stringify(value)}.`);
}
