import { systemClock } from "@mayfly/service";
import { expect } from "vitest";
import { type ContractCase, missing } from "./trial.ts";

/** What holds for the end of work and for what `wait` says about it. */
export const endCases: readonly ContractCase[] = [
  {
    title: "[RUN-11] completes",
    needs: [],
    async verify(trial) {
      const run = await trial.start(trial.tasks.complete());
      expect(await run.wait()).toMatchObject({ status: "complete" });
      expect(await run.isRunning()).toBe(false);
    },
  },
  {
    title: "[RUN-11] completes with what the work returned, also with many at once",
    needs: ["returns"],
    async verify(trial) {
      const values = [...Array(10).keys()].map((index) => ({ index, text: "ü\u0000\u2028", list: [null, false, 0.5] }));
      const runs = await Promise.all(values.map((value) => trial.start(trial.tasks.complete(value))));
      const results = await Promise.all(runs.map((run) => run.wait()));
      expect(results).toEqual(values.map((value) => ({ status: "complete", value })));
    },
  },
  {
    title: "[RUN-11] fails when the work fails",
    needs: [],
    async verify(trial) {
      const run = await trial.start(trial.tasks.fail("no luck"));
      expect(await run.wait()).toMatchObject({ status: "failed", reason: "failed" });
    },
  },
  {
    title: "[RUN-11] fails with what the work said",
    needs: ["returns"],
    async verify(trial) {
      const run = await trial.start(trial.tasks.fail("no luck"));
      expect(await run.wait()).toMatchObject({ status: "failed", reason: "failed", message: "no luck" });
    },
  },
  {
    title: "[RUN-11] ends as rejected when the work says that it cannot run here",
    needs: ["reject"],
    async verify(trial) {
      const run = await trial.start(trial.tasks.reject?.("not here") ?? missing("tasks.reject"));
      const rejected = { status: "failed", reason: "rejected", message: expect.stringContaining("not here") as string };
      expect(await run.wait()).toMatchObject(rejected);
    },
  },
  {
    title: "[RUN-1] tells the same result any number of times, to those who wait before and after the end",
    needs: [],
    async verify(trial) {
      for (const task of [trial.tasks.complete("once"), trial.tasks.fail("once")]) {
        const run = await trial.start(task);
        const [first, second] = await Promise.all([run.wait(), run.wait()]);
        expect(second).toEqual(first);
        expect(await run.wait()).toEqual(first);
      }
    },
  },
  {
    title: "[RUN-1] answers for a run that was destroyed, instead of throwing",
    needs: [],
    async verify(trial) {
      const run = await trial.start(trial.tasks.complete());
      await run.wait();
      await run.destroy();
      const answer = { status: "failed", reason: "runtime", message: expect.stringMatching(/\w/) as string };
      expect(await run.wait()).toMatchObject(answer);
    },
  },
  {
    title: "[RUN-18] destroys twice",
    needs: [],
    async verify(trial) {
      const run = await trial.start(trial.tasks.complete());
      await run.wait();
      await Promise.all([run.destroy(), run.destroy()]);
      await run.destroy();
    },
  },
  {
    title: "[RUN-18] leaves nothing behind when a run was destroyed",
    needs: ["leavesNothing"],
    async verify(trial) {
      const ended = await trial.start(trial.tasks.complete());
      await ended.wait();
      const stopped = await trial.startRunning(trial.tasks.slow());
      await stopped.stop();
      for (const run of [ended, stopped]) {
        await run.destroy();
        expect(await trial.remains(run.task, run.number)).toBe(false);
      }
    },
  },
  {
    title: "[RUN-17] ends work at its deadline without being asked",
    needs: ["deadline"],
    async verify(trial) {
      const run = await trial.start(trial.tasks.slow(), { deadline: systemClock.now() + 1_000 });
      expect(await run.wait()).toMatchObject({ status: "failed" });
      expect(await run.isRunning()).toBe(false);
    },
  },
  {
    title: "[RUN-17] bears 8 MiB of output",
    needs: ["bigOutput"],
    async verify(trial) {
      const run = await trial.start(trial.tasks.loud?.(8 * 2 ** 20) ?? missing("tasks.loud"));
      expect(await run.wait()).toMatchObject({ status: "complete" });
    },
  },
  {
    title: "[RUN-17] lets work go on when the streams of its output break",
    needs: ["keepsWithoutLogs"],
    async verify(trial) {
      const run = await trial.startRunning(trial.tasks.slow());
      await (trial.harness.loseLogs?.() ?? missing("loseLogs"));
      await trial.runAnother();
      expect(await run.isRunning()).toBe(true);
      await run.stop();
      expect(await run.wait()).toMatchObject({ status: "failed" });
    },
  },
];
