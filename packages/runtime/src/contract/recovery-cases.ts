import { expect } from "vitest";
import { isCheckable } from "../checkable.ts";
import { isRecoverable, type Owned } from "../recoverable.ts";
import type { Runtime } from "../runtime.ts";
import type { RuntimeAbility } from "./runtime-harness.ts";
import { type ContractCase, missing, type Trial } from "./trial.ts";

/** What holds for the optional abilities: adopting after a restart, listing, health. */
export const recoveryCases: readonly ContractCase[] = [
  {
    title: "[RUN-20] shows exactly the abilities that it is said to offer",
    needs: [],
    async verify({ harness, tasks, abilities }) {
      const shown: Partial<Record<RuntimeAbility, boolean>> = {
        reject: tasks.reject !== undefined,
        refuse: tasks.refused !== undefined,
        adopt: harness.timesBegun !== undefined,
        leavesNothing: harness.remains !== undefined && tasks.brokenStart !== undefined,
        stubborn: tasks.stubborn !== undefined,
        force: abilities.has("force") && tasks.stubborn !== undefined,
        bigOutput: tasks.loud !== undefined,
        keepsWithoutLogs: harness.loseLogs !== undefined,
        recover: isRecoverable(harness.runtime),
        health: isCheckable(harness.runtime),
      };
      for (const [ability, isShown] of Object.entries(shown))
        expect({ ability, isShown }).toEqual({ ability, isShown: abilities.has(ability as RuntimeAbility) });
    },
  },
  {
    title: "[RUN-19] gives work on to the process that comes next, which can wait for it and stop it",
    needs: ["recover"],
    async verify(trial) {
      const started = await trial.startRunning(trial.tasks.slow());
      const run = started.seenBy(await restarted(trial));
      expect(await run.isRunning()).toBe(true);
      const result = run.wait();
      await run.stop();
      expect(await run.isRunning()).toBe(false);
      expect(await result).toMatchObject({ status: "failed" });
    },
  },
  {
    title: "[RUN-19] tells the process that comes next how work ended before and in between",
    needs: ["recover"],
    async verify(trial) {
      const seen = await trial.start(trial.tasks.complete("seen"));
      const result = await seen.wait();
      const unseen = await trial.start(trial.tasks.fail("unseen"));
      const next = await restarted(trial);
      expect(await seen.seenBy(next).wait()).toEqual(result);
      expect(await unseen.seenBy(next).wait()).toMatchObject({ status: "failed", reason: "failed" });
    },
  },
  {
    title: "[RUN-19] adopts in the process that comes next what exists under the name",
    needs: ["recover", "adopt"],
    async verify(trial) {
      const started = await trial.startRunning(trial.tasks.slow());
      // Its claim is another one; the execution that it goes on with is the same.
      const run = await trial.start(started.task, { attempt: 2, runtime: await restarted(trial) });
      expect(run.handle).toEqual(started.handle);
      await run.stop();
      expect(await trial.timesBegun(run.task)).toBe(1);
    },
  },
  {
    title: "[RUN-19] lists each run, running or ended, with what its owner needs to know, until it is destroyed",
    needs: ["recover"],
    async verify(trial) {
      const running = await trial.startRunning(trial.tasks.slow(), { number: 3 });
      const ended = await trial.start(trial.tasks.complete());
      await ended.wait();
      const next = await restarted(trial);
      const owned = await listed(next);
      for (const run of [running, ended]) {
        const found = owned.filter(({ taskId, run: number }) => taskId === run.task.id && number === run.number);
        expect(found).toHaveLength(1);
        expect(found[0]?.handle).toEqual(run.handle);
        expect(found[0]?.scheduler).toBe(run.task.scheduler);
        expect(found[0]?.createdAt).toBeGreaterThan(0);
      }
      await running.seenBy(next).stop();
      await running.seenBy(next).destroy();
      await ended.seenBy(next).destroy();
      const left = (await listed(next)).map(({ taskId }) => taskId);
      expect(left).not.toContain(running.task.id);
      expect(left).not.toContain(ended.task.id);
    },
  },
  {
    title: "[RUN-20] says that its environment is healthy",
    needs: ["health"],
    async verify({ harness }) {
      expect(isCheckable(harness.runtime) && (await harness.runtime.health())).toEqual({ status: "healthy" });
    },
  },
];

function restarted(trial: Trial): Promise<Runtime> {
  return trial.harness.restart?.() ?? missing("restart");
}

async function listed(runtime: Runtime): Promise<readonly Owned[]> {
  if (!isRecoverable(runtime)) throw new Error("The restarted runtime is not Recoverable");
  const owned: Owned[] = [];
  for await (const each of runtime.list()) owned.push(each);
  return owned;
}
