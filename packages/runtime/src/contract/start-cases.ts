import type { Task } from "@mayfly/task";
import { expect } from "vitest";
import { StopReason } from "../run-context.ts";
import { RuntimeError } from "../runtime-error.ts";
import { type ContractCase, missing, type Trial } from "./trial.ts";

/** What holds for `start` and for the handle that it gives. */
export const startCases: readonly ContractCase[] = [
  {
    title: "[RUN-12] has a kind that can be shown and stored",
    needs: [],
    verify: async ({ harness }) => expect(harness.runtime.kind).toMatch(/^[a-z][a-z0-9-]*$/),
  },
  {
    title: "[RUN-12] gives a handle that is JSON and has a version",
    needs: [],
    async verify(trial) {
      const run = await trial.start(trial.tasks.complete());
      expect(run.handle).toEqual(run.rawHandle);
      expect(run.handle).toMatchObject({ version: expect.any(Number) as number });
    },
  },
  {
    title: "[RUN-12] keeps the runs of one task apart",
    needs: [],
    async verify(trial) {
      const task = trial.tasks.slow();
      const first = await trial.startRunning(task, { number: 1 });
      const second = await trial.startRunning(task, { number: 2 });
      expect(second.handle).not.toEqual(first.handle);
      await first.stop();
      await first.destroy();
      expect(await first.isRunning()).toBe(false);
      expect(await second.isRunning()).toBe(true);
      await second.stop();
      expect(await second.isRunning()).toBe(false);
    },
  },
  {
    title: "[RUN-41] keeps the claims of a run apart whose work cannot outlive the process",
    needs: [],
    without: ["recover"],
    async verify(trial) {
      const first = await trial.startRunning(trial.tasks.slow(), { attempt: 1 });
      const second = await trial.startRunning(first.task, { attempt: 2 });
      expect(second.handle).not.toEqual(first.handle);
      await first.stop();
      await first.destroy();
      expect(await second.isRunning()).toBe(true);
      await second.stop();
      expect(await second.isRunning()).toBe(false);
    },
  },
  {
    title: "[RUN-12] adopts a run that exists under the name, running or ended, instead of starting it again",
    needs: ["adopt"],
    async verify(trial) {
      const run = await trial.startRunning(trial.tasks.slow());
      const again = await trial.start(run.task);
      await trial.runAnother();
      expect(again.handle).toEqual(run.handle);
      await again.stop();
      const result = await run.wait();
      const afterEnd = await trial.start(run.task);
      await trial.runAnother();
      expect(await afterEnd.wait()).toEqual(result);
      expect(await trial.timesBegun(run.task)).toBe(1);
    },
  },
  {
    title: "[RUN-12] gives two who start the same run at once that one run",
    needs: ["adopt"],
    async verify(trial) {
      const task = trial.tasks.slow();
      const [run, other] = await Promise.all([trial.start(task), trial.start(task)]);
      await trial.until("the work runs", () => run.isRunning());
      expect(other.handle).toEqual(run.handle);
      await run.stop();
      expect(await other.wait()).toEqual(await run.wait());
      await trial.runAnother();
      expect(await trial.timesBegun(task)).toBe(1);
    },
  },
  {
    title: "[RUN-12] starts anew under a name that was destroyed",
    needs: ["adopt"],
    async verify(trial) {
      const run = await trial.start(trial.tasks.complete());
      await run.wait();
      await run.destroy();
      const again = await trial.start(run.task);
      expect(await again.wait()).toMatchObject({ status: "complete" });
      expect(await trial.timesBegun(run.task)).toBe(2);
    },
  },
  {
    title:
      "[RUN-13] refuses a task that cannot run here with a RuntimeError that says so, each time, and takes the next",
    needs: ["refuse"],
    async verify(trial) {
      const task = trial.tasks.refused?.() ?? missing("tasks.refused");
      const error = await failureOf(trial, task);
      expect(error).toMatchObject({ code: "rejected", message: expect.stringMatching(/\w/) as string });
      expect(await failureOf(trial, task)).toMatchObject({ code: "rejected", message: error.message });
      await trial.runAnother();
    },
  },
  {
    title: "[RUN-40] starts a run that can be stopped, or lets no work begin, when its owner is told to stop meanwhile",
    needs: ["adopt"],
    async verify(trial) {
      const task = trial.tasks.slow();
      const owner = new AbortController();
      const starting = trial.start(task, { owner });
      owner.abort(new StopReason("abort", "The task is to be aborted."));
      const run = await starting.catch((error: unknown) => {
        expect(RuntimeError.is(error)).toBe(true);
        return undefined;
      });
      await run?.stop();
      const begun = await trial.timesBegun(task);
      await trial.runAnother();
      expect(await run?.isRunning()).not.toBe(true);
      expect(await trial.timesBegun(task)).toBe(begun);
      if (run === undefined) expect(begun).toBe(0);
    },
  },
  {
    title: "[RUN-13] leaves nothing behind when a start fails half-way",
    needs: ["leavesNothing"],
    async verify(trial) {
      const task = trial.tasks.brokenStart?.() ?? missing("tasks.brokenStart");
      await failureOf(trial, task);
      expect(await trial.remains(task, 1)).toBe(false);
    },
  },
];

async function failureOf(trial: Trial, task: Task): Promise<RuntimeError> {
  try {
    await trial.start(task);
  } catch (error) {
    if (RuntimeError.is(error)) return error;
    throw new Error("start failed, but not with a RuntimeError", { cause: error });
  }
  throw new Error("start should have failed, and did not");
}
