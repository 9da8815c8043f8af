import type { LiveState, Operation, State } from "@mayfly/task";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import { acts, bring, type Situation, soonMs, standing, type TransitionAct } from "./transition-acts.ts";
import type { Claimed, Trial } from "./trial.ts";

const recreation: TransitionAct = {
  operation: "claim",
  isEntitled: true,
  act: (trial, task) => trial.tryClaim(task, { recreate: { retentionMs: trial.longMs } }),
};

/** Where each operation leads a task that the store has lost. Who proves it cannot be told: nothing is left to compare. */
const moves: Readonly<Record<Situation & ("in time" | "timeout over"), Partial<Record<Operation, State>>>> = {
  "in time": { restore: "running" },
  "timeout over": { restore: "done", claim: "done" },
};

/** Every operation × every state that a task had when it was lost, before and after its timeout. */
export const lostTransitionCases: readonly ContractCase[] = (["in time", "timeout over"] as const).flatMap(
  (situation) =>
    (["scheduled", "running", "aborting", "done"] as const).map((from: LiveState | "done") => ({
      title: `[STORE-35] changes a lost task that was ${from} only by bringing it back or ending it, ${situation}`,
      async verify(trial: Trial) {
        const all = [...acts, recreation];
        const tasks = await bring(trial, situation, from, all.length);
        await trial.wipe();
        if (situation === "timeout over") await trial.advance(soonMs(trial, situation));
        for (const [index, { operation, isEntitled, act }] of all.entries()) {
          const task = tasks[index] as Claimed;
          const isRecreation = index === acts.length;
          const to = isRecreation && situation === "in time" ? "running" : moves[situation][operation];
          const answer = await act(trial, task);
          const { view, events } = await standing(trial, task.id);
          const context = { operation, isEntitled, isRecreation, answer };
          expect({ ...context, state: view?.state }).toEqual({ ...context, state: to });
          // A restore is no step of the task's life, so it tells nothing.
          const ops = to === "done" ? ["timeout"] : isRecreation ? ["ack"] : [];
          expect({ ...context, ops: events.map(({ op }) => op) }).toEqual({ ...context, ops });
        }
      },
    })),
);
