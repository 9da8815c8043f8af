import { aTask } from "@mayfly/task/testing";
import { expect, it } from "vitest";
import { InlineRun } from "../src/inline-run.ts";
import type { RunContext } from "../src/index.ts";

it("an InlineRun ends once: what comes second, giving up or the handler's return, changes nothing", async () => {
  const { signal } = new AbortController();
  const context: RunContext = {
    signal,
    attempt: 1,
    number: 1,
    deadline: 0,
    log: () => undefined,
    progress: () => undefined,
  };
  const returned = new InlineRun(() => "returned", aTask(), context);
  const complete = await returned.result();
  returned.giveUp("late");
  expect(await returned.result()).toBe(complete);

  let end: () => void = () => undefined;
  const handler = (): Promise<void> => new Promise((resolve) => void (end = resolve));
  const givenUp = new InlineRun(handler, aTask(), context);
  await new Promise<void>((resolve) => setImmediate(resolve));
  givenUp.giveUp("early");
  const failed = await givenUp.result();
  end();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(await givenUp.result()).toBe(failed);
});
