import { expect, it } from "vitest";
import { type EndingOptions, runToEnd } from "../src/run-to-end.ts";
import { Teardown } from "../src/teardown.ts";
import { deafChild } from "./deaf-child.ts";

const never = new Promise<never>(() => undefined);

/** What became of a run. */
async function ending(options: Partial<EndingOptions> & { readonly steps?: readonly (() => Promise<void>)[] }) {
  const lines: string[] = [];
  const report = (line: string): void => void lines.push(line);
  const teardown = new Teardown(report, 50);
  for (const step of options.steps ?? []) teardown.add("a step", step);
  const codes: number[] = [];
  await runToEnd({
    work: async () => 0,
    teardown,
    report,
    deadlineMs: 60_000,
    noticeMs: 10,
    onInterrupt: () => undefined,
    exit: (code) => codes.push(code),
    ...options,
  });
  return { codes, lines };
}

it("[CHAOS-3] ends with the code of the work, and with what was started ended before", async () => {
  const ended: string[] = [];
  const steps = [async () => void ended.push("one"), async () => void ended.push("two")];
  expect(await ending({ work: async () => 3, steps })).toEqual({ codes: [3], lines: [] });
  expect(ended.sort()).toEqual(["one", "two"]);
});

it("[CHAOS-3] ends as failed at its deadline, although the work never ends", async () => {
  let isTold = false;
  const work = (signal: AbortSignal): Promise<number> => {
    signal.addEventListener("abort", () => {
      isTold = true;
    });
    return never;
  };
  const { codes, lines } = await ending({ work, deadlineMs: 10 });
  expect([codes, lines, isTold]).toEqual([[1], ["chaos: FAILED, the run was not over after 0.01 s"], true]);
});

it("[CHAOS-3] ends as failed when the work fails, and says why", async () => {
  const { codes, lines } = await ending({ work: () => Promise.reject(new Error("no broker")) });
  expect([codes, lines]).toEqual([[1], [expect.stringContaining("no broker")]]);
});

it("[CHAOS-3] ends what it has started when somebody asks it to", async () => {
  const ended: string[] = [];
  const { codes, lines } = await ending({
    work: () => never,
    steps: [async () => void ended.push("one")],
    onInterrupt: (interrupted) => interrupted("SIGTERM"),
  });
  expect([codes, lines, ended]).toEqual([[1], ["chaos: FAILED, the run was ended by SIGTERM"], ["one"]]);
});

it("[CHAOS-3] ends although something does not end, or fails to", async () => {
  const steps = [() => never, () => Promise.reject(new Error("gone already"))];
  const { codes, lines } = await ending({ steps });
  expect(codes).toEqual([0]);
  expect(lines.sort()).toEqual([
    "chaos: a step did not end as it should: Error: gone already",
    "chaos: a step did not end as it should: took longer than 50 ms",
  ]);
});

it("[CHAOS-3] ends although a child ignores SIGTERM, and the child ends too", async () => {
  const child = await deafChild();
  const { codes } = await ending({ steps: [async () => void (await child.end(20))] });
  expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
  expect(codes).toEqual([0]);
});

it("ends at once what is added when everything is ending already", async () => {
  const teardown = new Teardown(() => undefined);
  await teardown.run();
  let isEnded = false;
  teardown.add("late", async () => {
    isEnded = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isEnded).toBe(true);
});
