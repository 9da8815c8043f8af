import { randomUUID } from "node:crypto";
import type { LiveState, Operation, State } from "@mayfly/task";
import { expect } from "vitest";
import type { Owner } from "../owner.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Claimed, Trial } from "./trial.ts";

/** When an operation comes: nothing is over; the lease is; the lease of the last attempt is; the timeout has come. */
export type Situation = "in time" | "lease over" | "last attempt over" | "timeout over";

type Moves = Readonly<Partial<Record<Operation, State>>>;

const untouched = { attach: "running", heartbeat: "running", progress: "running" } as const;
const stopping = { attach: "aborting", heartbeat: "aborting", progress: "aborting", abort: "aborting" } as const;

/**
 * From each state, in each situation, where each operation leads; what is not listed changes nothing. Together they are
 * the transition table of `@mayfly/task`.
 */
export const moves: Readonly<Record<Situation, Readonly<Partial<Record<LiveState, Moves>>>>> = {
  "in time": {
    scheduled: { claim: "running", abort: "done" },
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
    scheduled: { claim: "done", abort: "done", expire: "done" },
    running: { ...untouched, release: "done", finish: "done", abort: "aborting", expire: "done", claim: "done" },
    aborting: { ...stopping, release: "done", finish: "done", expire: "done", claim: "done" },
  },
};

const owned: Readonly<Partial<Record<Operation, (trial: Trial, owner: Owner) => Promise<unknown>>>> = {
  attach: (trial, owner) => trial.store.attach(owner, { runtime: "x", handle: 1 }),
  heartbeat: (trial, owner) => trial.store.heartbeat([owner]),
  progress: (trial, owner) => trial.store.progress(owner, "1"),
  release: (trial, owner) =>
    trial.store.release(owner, { cause: "retry", delayMs: 0, reason: { code: "failed", message: "It failed." } }),
  finish: (trial, owner) => trial.store.finish(owner, { outcome: "complete" }),
};

const others: Readonly<Partial<Record<Operation, (trial: Trial, task: Claimed) => Promise<unknown>>>> = {
  claim: (trial, task) => trial.tryClaim(task),
  abort: (trial, { id }) => trial.store.abort(id, {}),
  expire: (trial) => trial.sweep("expire"),
  recover: (trial) => trial.sweep("recover"),
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
  const acts = [
    ...Object.entries(owned).flatMap(([operation, act]) => [
      { operation, may: true, act: (task: Claimed) => act(trial, task.owner) },
      { operation, may: false, act: (task: Claimed) => act(trial, { ...task.owner, attempt: 1 }) },
      { operation, may: false, act: (task: Claimed) => act(trial, { ...task.owner, token: randomUUID() }) },
    ]),
    ...Object.entries(others).map(([operation, act]) => ({
      operation,
      may: true,
      act: (task: Claimed) => act(trial, task),
    })),
  ];
  // A sweep that finds something changes every task that it finds, so it comes last.
  const isSweep = ({ operation }: { operation: string }): boolean =>
    (operation === "expire" || operation === "recover") && allowed[operation] !== undefined;
  acts.sort((a, b) => Number(isSweep(a)) - Number(isSweep(b)));

  const tasks = await Promise.all(acts.map(() => bring(trial, situation, from)));
  if (situation !== "in time") await trial.advance(soonMs(trial));
  for (const [index, { operation, may, act }] of acts.entries()) {
    const task = tasks[index] as Claimed;
    const to = may ? allowed[operation as Operation] : undefined;
    const before = await standing(trial, task.id);
    const answer = await act(task);
    const after = await standing(trial, task.id);
    const context = { operation, may, answer };
    if (to === undefined) expect({ ...context, ...after }).toEqual({ ...context, ...before });
    else expect({ ...context, state: after.view?.state }).toEqual({ ...context, state: to });
  }
}

/** A task in its second attempt, brought to a state before anything is over. */
async function bring(trial: Trial, situation: Situation, state: State): Promise<Claimed> {
  const isLeaseShort = situation === "lease over" || situation === "last attempt over";
  const timeout = trial.instant(situation === "timeout over" ? soonMs(trial) : trial.longMs);
  const first = await trial.run({}, { task: { timeout } });
  await trial.store.release(first.owner, { cause: "give_back", delayMs: 0 });
  const task = await trial.claim(first, {
    leaseMs: isLeaseShort ? soonMs(trial) : trial.longMs,
    maxAttempts: situation === "last attempt over" ? 1 : 3,
  });
  if (state === "aborting") await trial.store.abort(task.id, {});
  if (state === "scheduled" || state === "done") {
    await trial.store.release(task.owner, { cause: "give_back", delayMs: 0 });
  }
  if (state === "done") await trial.store.abort(task.id, {});
  expect(await trial.find(task.id)).toMatchObject({ state, attempt: 2 });
  return task;
}

/** Time enough to bring all tasks of a case to their states. */
function soonMs(trial: Trial): number {
  return 2 * trial.stepMs;
}

/** All that an operation can change and that can be seen. */
async function standing(trial: Trial, id: string) {
  return { view: await trial.store.find(id), events: await trial.events(id) };
}
