import { randomUUID } from "node:crypto";
import type { Operation, State, TaskEvent, TaskView } from "@mayfly/task";
import { expect } from "vitest";
import type { CurrentRun } from "../current-run.ts";
import type { Claimed, Trial } from "./trial.ts";

/** When an operation comes: nothing is over; the lease is; the lease of the last attempt is; the timeout has come. */
export type Situation = "in time" | "lease over" | "last attempt over" | "timeout over";

type Act = (trial: Trial, task: Claimed) => Promise<unknown>;

const owned: Readonly<Partial<Record<Operation, Act>>> = {
  attach: (trial, { owner }) => trial.store.attach(owner, { runtime: "x", handle: 1 }),
  heartbeat: (trial, { owner }) => trial.store.heartbeat([owner]),
  progress: (trial, { owner }) => trial.store.progress(owner, "1"),
  release: (trial, { owner }) =>
    trial.store.release(owner, { cause: "retry", delayMs: 0, reason: { code: "failed", message: "It failed." } }),
  finish: (trial, { owner }) => trial.store.finish(owner, { outcome: "complete" }),
  restore: (trial, task) => trial.store.restore(trial.copyOf(task)),
};

const announced: Readonly<Partial<Record<Operation, Act>>> = {
  reannounce: (trial, { id, announcement }) => trial.store.reannounce(id, announcement.token),
  undelivered: (trial, { id, announcement: { token, scheduledAt } }) =>
    trial.store.undelivered({ id, token, scheduledAt, delayMs: 0, maxFailures: 5, message: "It was not read." }),
};

const others: Readonly<Partial<Record<Operation, Act>>> = {
  claim: (trial, task) => trial.tryClaim(task),
  abort: (trial, { id }) => trial.store.abort(id, {}),
  expire: (trial) => trial.sweep("expire"),
  recover: (trial) => trial.sweep("recover"),
};

/** One way to try an operation on a task. */
export interface TransitionAct {
  readonly operation: Operation;
  /** Whether it shows the attempt and the token of the latest owner, or the token of the latest announcement. */
  readonly isEntitled: boolean;
  readonly act: Act;
}

/** Every operation: as the latest owner, with an earlier attempt, with another token; with another announce token. */
export const acts: readonly TransitionAct[] = [
  ...actsOf(owned, [
    (task) => ({ ...task, owner: { ...task.owner, attempt: 1 } }),
    (task) => ({ ...task, owner: { ...task.owner, token: randomUUID() } }),
  ]),
  ...actsOf(announced, [(task) => ({ ...task, announcement: { ...task.announcement, token: randomUUID() } })]),
  ...actsOf(others, []),
];

function actsOf(
  operations: Readonly<Partial<Record<Operation, Act>>>,
  pretences: readonly ((task: Claimed) => Claimed)[],
): readonly TransitionAct[] {
  return (Object.entries(operations) as [Operation, Act][]).flatMap(([operation, act]) => [
    { operation, isEntitled: true, act },
    ...pretences.map((pretence) => {
      return { operation, isEntitled: false, act: (trial: Trial, task: Claimed) => act(trial, pretence(task)) };
    }),
  ]);
}

/** So many tasks in their second attempt, brought to a state before anything is over; those that wait are announced. */
export async function bring(
  trial: Trial,
  situation: Situation,
  state: State,
  count: number,
): Promise<readonly Claimed[]> {
  const tasks = await Promise.all(Array.from({ length: count }, () => bringOne(trial, situation, state)));
  const announcements = new Map((await trial.due()).map((announcement) => [announcement.id, announcement]));
  await Promise.all([...announcements.values()].map(({ id, token }) => trial.store.announced(id, token)));
  return tasks.map((task) => ({ ...task, announcement: announcements.get(task.id) ?? task.announcement }));
}

async function bringOne(trial: Trial, situation: Situation, state: State): Promise<Claimed> {
  const isLeaseShort = situation === "lease over" || situation === "last attempt over";
  const timeout = trial.instant(situation === "timeout over" ? soonMs(trial, situation) : trial.longMs);
  const first = await trial.run({}, { task: { timeout } });
  await trial.store.release(first.owner, { cause: "give_back", delayMs: 0 });
  const task = await trial.claim(first, {
    leaseMs: isLeaseShort ? soonMs(trial, situation) : trial.longMs,
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

/** When what is to be over is. Before their timeout comes, all tasks of a case must have been brought to their states. */
export function soonMs(trial: Trial, situation: Situation): number {
  return situation === "timeout over" ? 2 * trial.ampleMs : trial.stepMs;
}

/** All that an operation can change and that can be seen. */
export async function standing(
  trial: Trial,
  id: string,
): Promise<{
  readonly view: TaskView | undefined;
  readonly run: CurrentRun;
  readonly events: readonly TaskEvent[];
}> {
  return { view: await trial.store.find(id), run: await trial.store.currentRun(id), events: await trial.events(id) };
}
