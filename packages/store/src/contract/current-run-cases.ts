import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import type { Claimed, Trial } from "./trial.ts";

const handle = { runtime: "docker", scope: "host-1", handle: { version: 1, name: "x" } } as const;

/** What holds for the question which run of a task counts. */
export const currentRunCases: readonly ContractCase[] = [
  {
    title: "[STORE-80] says which run a task is in, and where its work is once its owner has said so",
    async verify(trial) {
      const { store } = trial;
      const scheduled = await trial.schedule();
      expect(await store.currentRun(scheduled.id)).toEqual({ answer: "lives", run: 1 });
      const { id, owner } = await trial.claim(scheduled);
      expect(await store.currentRun(id)).toEqual({ answer: "lives", run: 1 });
      await store.attach(owner, handle);
      expect(await store.currentRun(id)).toEqual({ answer: "lives", run: 1, handle });
      await store.abort(id, {});
      expect(await store.currentRun(id)).toEqual({ answer: "lives", run: 1, handle });
    },
  },
  {
    title: "[STORE-80] says the same of work that goes on without its owner",
    async verify(trial) {
      const [handedOver, vanished] = [await working(trial), await working(trial, trial.stepMs)];
      await trial.store.release(handedOver.owner, { cause: "hand_over", delayMs: 0 });
      await trial.advance(trial.stepMs);
      await trial.sweep("recover");
      for (const { id } of [handedOver, vanished]) {
        expect(await trial.find(id)).toMatchObject({ state: "scheduled" });
        expect(await trial.store.currentRun(id)).toEqual({ answer: "lives", run: 1, handle });
      }
    },
  },
  {
    title: "[STORE-80] names the next run as soon as the last one does not count any more",
    async verify(trial) {
      const [givenBack, failed] = [await working(trial), await working(trial)];
      await trial.store.release(givenBack.owner, { cause: "give_back", delayMs: 0 });
      const reason = { code: "failed", message: "It failed." } as const;
      await trial.store.release(failed.owner, { cause: "retry", delayMs: 0, reason });
      for (const { id } of [givenBack, failed]) {
        expect(await trial.store.currentRun(id)).toEqual({ answer: "lives", run: 2 });
      }
    },
  },
  {
    title: "[STORE-81] says that a task is gone once it is done, however it has ended",
    async verify(trial) {
      const { store } = trial;
      const [complete, aborted, overdue] = [
        await working(trial),
        await trial.schedule(),
        await trial.schedule(soon(trial)),
      ];
      await store.finish(complete.owner, { outcome: "complete" });
      await store.abort(aborted.id, {});
      await trial.advance(trial.ampleMs);
      await trial.sweep("expire");
      for (const { id } of [complete, aborted, overdue]) {
        expect(await trial.find(id)).toMatchObject({ state: "done" });
        expect(await store.currentRun(id)).toEqual({ answer: "gone" });
      }
    },
  },
  {
    title: "[STORE-82] does not know about a task that it may have lost, until somebody brings it back",
    async verify(trial) {
      const task = await working(trial);
      await trial.wipe();
      expect(await trial.store.currentRun(task.id)).toEqual({ answer: "unknown" });
      expect(await trial.store.currentRun(randomUUID())).toEqual({ answer: "unknown" });
      expect(await trial.store.heartbeat([task.owner])).toEqual([{ answer: "lost" }]);
      await trial.store.restore(trial.copyOf(task, { handle }));
      expect(await trial.store.currentRun(task.id)).toEqual({ answer: "lives", run: 1, handle });
    },
  },
];

function soon(trial: Trial): Parameters<Trial["schedule"]>[0] {
  return { task: { timeout: trial.instant(trial.ampleMs) } };
}

/** A task whose work has been started. */
async function working(trial: Trial, leaseMs: number = trial.longMs): Promise<Claimed> {
  const task = await trial.run({ leaseMs });
  await trial.store.attach(task.owner, handle);
  return task;
}
