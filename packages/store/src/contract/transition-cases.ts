import type { LiveState, Operation, State } from "@mayfly/task";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import { acts, bring, type Situation, soonMs, standing } from "./transition-acts.ts";
import type { Claimed, Trial } from "./trial.ts";

type Moves = Readonly<Partial<Record<Operation, State>>>;

const untouched = { attach: "running", heartbeat: "running", progress: "running", restore: "running" } as const;
const stopping = {
  attach: "aborting",
  heartbeat: "aborting",
  progress: "aborting",
  restore: "aborting",
  abort: "aborting",
} as const;

/**
 * From each state, in each situation, where each operation leads; what is not listed changes nothing. Together they are
 * the transition table of `@mayfly/task`.
 */
export const moves: Readonly<Record<Situation, Readonly<Partial<Record<LiveState, Moves>>>>> = {
  "in time": {
    scheduled: { claim: "running", abort: "done", reannounce: "scheduled", undelivered: "scheduled" },
    running: { ...untouched, release: "scheduled", finish: "done", abort: "aborting" },
    aborting: { ...stopping, release: "done", finish: "done" },
  },
  "lease over": {
    running: {
      ...untouched,
      release: "scheduled",
      finish: "done",
      abort: "aborting",
      recover: "scheduled",
      claim: "running",
    },
    aborting: { ...stopping, release: "done", finish: "done", recover: "done", claim: "done" },
  },
  "last attempt over": {
    running: { ...untouched, release: "done", finish: "done", abort: "aborting", recover: "done", claim: "done" },
    aborting: { ...stopping, release: "done", finish: "done", recover: "done", claim: "done" },
  },
  "timeout over": {
    scheduled: { claim: "done", abort: "done", expire: "done", reannounce: "scheduled", undelivered: "done" },
    running: { ...untouched, release: "done", finish: "done", abort: "aborting", expire: "done", claim: "done" },
    aborting: { ...stopping, release: "done", finish: "done", expire: "done", claim: "done" },
  },
};

/** Every operation × every state × the current owner, an earlier attempt and another token, in each situation. */
export const transitionCases: readonly ContractCase[] = (Object.keys(moves) as Situation[]).flatMap((situation) =>
  [...(Object.keys(moves[situation]) as LiveState[]), "done" as const].map((from) => ({
    title: `[STORE-35] follows the transition table from ${from}, ${situation}`,
    async verify(trial: Trial) {
      await verifyMoves(trial, situation, from, from === "done" ? {} : (moves[situation][from] ?? {}));
    },
  })),
);

async function verifyMoves(trial: Trial, situation: Situation, from: State, allowed: Moves): Promise<void> {
  // A sweep that finds something changes every task that it finds, so it comes last.
  const isSweep = (operation: Operation): boolean =>
    (operation === "expire" || operation === "recover") && allowed[operation] !== undefined;
  const ordered = acts.toSorted((a, b) => Number(isSweep(a.operation)) - Number(isSweep(b.operation)));

  const tasks = await bring(trial, situation, from, ordered.length);
  if (situation !== "in time") await trial.advance(soonMs(trial, situation));
  for (const [index, { operation, isEntitled, act }] of ordered.entries()) {
    const task = tasks[index] as Claimed;
    const to = isEntitled ? allowed[operation] : undefined;
    const before = await standing(trial, task.id);
    const answer = await act(trial, task);
    const after = await standing(trial, task.id);
    const context = { operation, isEntitled, answer };
    if (to === undefined) expect({ ...context, ...after }).toEqual({ ...context, ...before });
    else expect({ ...context, state: after.view?.state }).toEqual({ ...context, state: to });
  }
}
