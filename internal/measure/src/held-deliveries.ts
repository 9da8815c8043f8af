import { systemClock } from "@mayfly/service";
import { Deployment, nowMs } from "./deployment.ts";
import { type Figure, figuresOf } from "./figure.ts";
import { spreadOf } from "./spread.ts";
import { UnacknowledgedWatch } from "./unacknowledged.ts";

const slots = 8;

/**
 * All slots of a scheduler are busy for a long time: how long it holds their deliveries unacknowledged, how soon an idle
 * second instance that starts then gets the tasks that wait, and how soon the first one takes tasks again.
 */
export async function heldDeliveries(busySeconds: number): Promise<readonly Figure[]> {
  await using deployment = await Deployment.start();
  await deployment.startTimeout();
  await deployment.startScheduler();
  await using watch = new UnacknowledgedWatch(deployment.rabbit.control, "hello");
  const startedAtMs = nowMs();
  const long = await scheduleEach(deployment, slots, { handler: "sleep", ms: busySeconds * 1_000 });
  const waiting = await scheduleEach(deployment, slots, { handler: "sleep", ms: 1 });
  await systemClock.sleep(startedAtMs + (busySeconds * 1_000) / 2 - nowMs());
  const stillWaiting = await statesOf(deployment, waiting);
  const heldMs = watch.longestMs;
  const second = await deployment.startScheduler();
  const readyAtMs = nowMs();
  const taken = await timesToEnd(deployment, waiting, readyAtMs);
  const states = await statesOf(deployment, long);
  await second.end();
  const attempts = (await Promise.all(long.map((id) => deployment.done(id)))).map(({ attempt }) => attempt ?? 0);
  const freeAtMs = nowMs();
  const again = await timesToEnd(
    deployment,
    await scheduleEach(deployment, slots, { handler: "sleep", ms: 1 }),
    freeAtMs,
  );
  return [
    { name: "longest time with unacknowledged deliveries", value: heldMs / 1_000, unit: "s", promised: 65 },
    { name: "unacknowledged at the end of it", value: watch.count },
    { name: "states of those that waited, before", value: stillWaiting, promised: "scheduled" },
    { name: "states of the long ones meanwhile", value: states, promised: "running" },
    ...figuresOf("second instance is ready → a waiting task is done", spreadOf(taken), "s", 2),
    ...figuresOf("slots are free → a new task is done", spreadOf(again), "s", 2),
    { name: "attempts of the long tasks", value: [...new Set(attempts)].join(", "), promised: "1" },
  ];
}

async function scheduleEach(deployment: Deployment, count: number, attributes: object): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let task = 0; task < count; task++) ids.push(await deployment.schedule(attributes));
  return ids;
}

/** The states that there are among some tasks. */
async function statesOf(deployment: Deployment, ids: readonly string[]): Promise<string> {
  const views = await Promise.all(ids.map((id) => deployment.view(id)));
  return [...new Set(views.map((view) => String(view?.state)))].join(", ");
}

/** In seconds from a moment of the monotonic clock, for each task. */
async function timesToEnd(deployment: Deployment, ids: readonly string[], fromMs: number): Promise<readonly number[]> {
  return await Promise.all(
    ids.map(async (id) => {
      await deployment.done(id);
      return Math.max(0, nowMs() - fromMs) / 1_000;
    }),
  );
}
