import type { AppProcess } from "@mayfly/test-services";
import { Deployment, nowMs } from "./deployment.ts";
import { type Figure, figuresOf } from "./figure.ts";
import { spreadOf } from "./spread.ts";
import { until } from "./until.ts";

/** How long the tasks that are to time out may live, in milliseconds. */
const shortLifeMs = 5_000;

/** Keeps the programs busy, a slot at a time, while something is measured: tasks come and go all the while. */
class Load implements AsyncDisposable {
  readonly #deployment: Deployment;
  readonly #loops: readonly Promise<void>[];
  #isOver = false;

  constructor(deployment: Deployment, atOnce: number) {
    this.#deployment = deployment;
    this.#loops = Array.from({ length: atOnce }, () => this.#loop());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    while (!this.#isOver) await this.#deployment.done(await this.#deployment.schedule({ handler: "sleep", ms: 5 }));
  }
}

/**
 * How soon an expired task is removed and its work told to stop, how soon the work of an aborted task is told to, while 16
 * callers keep the programs busy; and how soon everything is delivered that was accepted while the broker was away.
 */
export async function promptness(tasks: number): Promise<readonly Figure[]> {
  await using deployment = await Deployment.start();
  await deployment.startTimeout();
  const scheduler = await deployment.startScheduler({ MAYFLY_CONCURRENCY: String(tasks + 16) });
  const { removed, told } = await expire(deployment, scheduler, tasks);
  const aborted = await abort(deployment, scheduler, tasks);
  return [
    ...figuresOf("timeout → removed", spreadOf(removed), "s", 1),
    ...figuresOf("timeout → work told to stop", spreadOf(told), "s", 2),
    ...figuresOf("abort → work told to stop", spreadOf(aborted), "s", 2),
    ...figuresOf("broker back → done", spreadOf(await bringBrokerBack(deployment, tasks)), "s", 30),
  ];
}

async function expire(
  deployment: Deployment,
  scheduler: AppProcess,
  tasks: number,
): Promise<{ readonly removed: readonly number[]; readonly told: readonly number[] }> {
  await using _ = new Load(deployment, 16);
  const timeout = new Date(Date.now() + shortLifeMs).toISOString();
  const ids = await scheduleAll(deployment, tasks, { timeout });
  const views = await Promise.all(ids.map((id) => deployment.done(id)));
  const removed = views.map(({ endedAt, timeout: due }) => Date.parse(endedAt ?? "") - Date.parse(due));
  const told = await Promise.all(ids.map((id) => toldToStop(scheduler, id)));
  return { removed: removed.map(toSeconds), told: told.map((at) => toSeconds(at - Date.parse(timeout))) };
}

async function abort(deployment: Deployment, scheduler: AppProcess, tasks: number): Promise<readonly number[]> {
  await using _ = new Load(deployment, 16);
  const ids = await scheduleAll(deployment, tasks, {});
  await Promise.all(ids.map((id) => until(async () => (await deployment.view(id))?.state === "running", `${id} runs`)));
  const took: number[] = [];
  for (const id of ids) {
    const sentAt = Date.now();
    await fetch(`${deployment.api.url}/task/${id}/abort`, { method: "POST" });
    took.push(toSeconds((await toldToStop(scheduler, id)) - sentAt));
  }
  return took;
}

async function bringBrokerBack(deployment: Deployment, tasks: number): Promise<readonly number[]> {
  await deployment.rabbit.stop();
  const ids = await Promise.all(Array.from({ length: tasks }, () => deployment.schedule({ handler: "sleep", ms: 5 })));
  await deployment.rabbit.restart();
  const backAtMs = nowMs();
  return await Promise.all(ids.map(async (id) => deployment.done(id).then(() => toSeconds(nowMs() - backAtMs))));
}

function scheduleAll(deployment: Deployment, tasks: number, members: object): Promise<readonly string[]> {
  const attributes = { handler: "sleep", ms: 3_600_000 };
  return Promise.all(Array.from({ length: tasks }, () => deployment.schedule(attributes, { members })));
}

/** When the scheduler told the work of a task to stop, in epoch milliseconds: all programs are on one host. */
async function toldToStop(scheduler: AppProcess, id: string): Promise<number> {
  const line = await scheduler.waitFor(({ msg, task }) => msg === "task told to stop" && task === id);
  return Number(line["time"]);
}

function toSeconds(ms: number): number {
  return ms / 1_000;
}
