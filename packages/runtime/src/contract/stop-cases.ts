import { expect } from "vitest";
import { type ContractCase, missing } from "./trial.ts";

/** What holds for `stop`, and for the owner's signal without it. */
export const stopCases: readonly ContractCase[] = [
  {
    title: "[RUN-14] stops work as soon as it ends, without using up the grace, and says that it failed",
    needs: [],
    async verify(trial) {
      const run = await trial.startRunning(trial.tasks.slow());
      const before = run.wait();
      await run.stop();
      expect(await run.isRunning()).toBe(false);
      const result = await before;
      expect(result).toMatchObject({ status: "failed" });
      expect(await run.wait()).toEqual(result);
    },
  },
  {
    title: "[RUN-14] stops work that has hardly begun",
    needs: [],
    async verify(trial) {
      const run = await trial.start(trial.tasks.slow());
      await run.stop();
      expect(await run.wait()).toMatchObject({ status: "failed" });
      await trial.runAnother();
      expect(await run.isRunning()).toBe(false);
    },
  },
  {
    title: "[RUN-14] does not change how work ended by stopping it afterwards",
    needs: [],
    async verify(trial) {
      const run = await trial.start(trial.tasks.complete());
      const result = await run.wait();
      await run.stop();
      expect(await run.wait()).toEqual(result);
      expect(result).toMatchObject({ status: "complete" });
    },
  },
  {
    title: "[RUN-14] stops twice, at once and one after the other",
    needs: [],
    async verify(trial) {
      const run = await trial.startRunning(trial.tasks.slow());
      await Promise.all([run.stop(), run.stop()]);
      await run.stop();
      expect(await run.isRunning()).toBe(false);
      expect(await run.wait()).toMatchObject({ status: "failed" });
    },
  },
  {
    title: "[RUN-14] takes work that is absent for stopped",
    needs: [],
    async verify(trial) {
      const run = await trial.startRunning(trial.tasks.slow());
      await run.stop();
      await run.destroy();
      await run.stop();
    },
  },
  {
    title: "[RUN-14] stops one run and no other",
    needs: [],
    async verify(trial) {
      const other = await trial.startRunning(trial.tasks.slow());
      const run = await trial.startRunning(trial.tasks.slow());
      await run.stop();
      await trial.runAnother();
      expect(await other.isRunning()).toBe(true);
      await other.stop();
    },
  },
  {
    title: "[RUN-15] comes back when the grace is over although the work will not end, each time",
    needs: ["stubborn"],
    async verify(trial) {
      const run = await trial.startRunning(trial.tasks.stubborn?.() ?? missing("tasks.stubborn"));
      await run.stop(50);
      await run.stop(50);
    },
  },
  {
    title: "[RUN-15] ends by force what does not end within the grace",
    needs: ["stubborn", "force"],
    async verify(trial) {
      const run = await trial.startRunning(trial.tasks.stubborn?.() ?? missing("tasks.stubborn"));
      await run.stop(50);
      expect(await run.isRunning()).toBe(false);
      const result = await run.wait();
      expect(result).toMatchObject({ status: "failed" });
      await run.stop(50);
      expect(await run.wait()).toEqual(result);
    },
  },
  {
    title: "[RUN-16] can be stopped after the owner's signal has fired, whatever the work made of that",
    needs: [],
    async verify(trial) {
      for (const code of ["abort", "timeout", "lost", "shutdown"] as const) {
        const run = await trial.startRunning(trial.tasks.slow());
        const result = run.wait();
        run.signal(code);
        await run.stop();
        expect(await run.isRunning()).toBe(false);
        expect(await result).toMatchObject({ status: "failed" });
        expect(await run.wait()).toEqual(await result);
      }
    },
  },
  {
    title: "[RUN-16] does not stop work because the owner's signal has fired",
    needs: ["ignoresSignal"],
    async verify(trial) {
      for (const code of ["abort", "shutdown"] as const) {
        const run = await trial.startRunning(trial.tasks.slow());
        run.signal(code);
        await trial.runAnother();
        expect(await run.isRunning()).toBe(true);
        await run.stop();
      }
    },
  },
];
