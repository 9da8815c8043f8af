import { randomUUID } from "node:crypto";
import type { AppProcess } from "@mayfly/test-services";
import { Deployment, nowMs } from "./deployment.ts";
import { type Figure, figuresOf } from "./figure.ts";
import { spreadOf } from "./spread.ts";
import { until } from "./until.ts";

/** How many tasks run in each scheduler that is killed. */
const tasksOfVictim = 8;

/**
 * How long it takes until the tasks of a killed scheduler run again, and until a task is done whose API was killed between
 * storing and announcing it.
 */
export async function recovery(rounds: number, leaseSeconds: number): Promise<readonly Figure[]> {
  await using deployment = await Deployment.start();
  await deployment.startTimeout();
  const running = await killSchedulers(deployment, rounds, leaseSeconds);
  const delivered = await killApis(deployment, rounds);
  return [
    ...figuresOf("scheduler killed → task runs again", spreadOf(running), "s", leaseSeconds + 10),
    ...figuresOf("API killed after the store write → done", spreadOf(delivered), "s", 10),
  ];
}

/** In seconds, for each task of each killed scheduler; the next victim is who took the tasks over. */
async function killSchedulers(
  deployment: Deployment,
  rounds: number,
  leaseSeconds: number,
): Promise<readonly number[]> {
  const env = {
    MAYFLY_LEASE_MS: String(leaseSeconds * 1_000),
    MAYFLY_CONCURRENCY: String(2 * tasksOfVictim),
    MAYFLY_MAX_ATTEMPTS: "1000",
  };
  let victim: AppProcess = await deployment.startScheduler(env);
  const ids: string[] = [];
  for (let task = 0; task < tasksOfVictim; task++) {
    ids.push(await deployment.schedule({ handler: "sleep", ms: 3_600_000 }));
  }
  const took: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    await Promise.all(ids.map((id) => runsAs(deployment, id, round)));
    const heir = await deployment.startScheduler(env);
    const killedAtMs = nowMs();
    await victim.kill();
    const times = ids.map(async (id) => {
      await runsAs(deployment, id, round + 1);
      return (nowMs() - killedAtMs) / 1_000;
    });
    took.push(...(await Promise.all(times)));
    victim = heir;
  }
  return took;
}

/** Resolves when a task runs as that attempt. */
async function runsAs(deployment: Deployment, id: string, attempt: number): Promise<void> {
  await until(
    async () => {
      const view = await deployment.view(id);
      return view?.state === "running" && view.attempt === attempt;
    },
    `task ${id} runs as attempt ${attempt}`,
    { limitMs: 300_000 },
  );
}

/** In seconds, for each API that was killed before it could answer. */
async function killApis(deployment: Deployment, rounds: number): Promise<readonly number[]> {
  await deployment.startScheduler();
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const victim = await deployment.startApi({ MAYFLY_CRASH_POINT: "dispatcher.after_store_write" });
    const id = randomUUID();
    const sentAtMs = nowMs();
    const answer = deployment.schedule({ handler: "sleep", ms: 1 }, { id, url: victim.url }).then(
      () => "accepted",
      () => "killed",
    );
    await victim.app.exited;
    if ((await answer) !== "killed") throw new Error("The API was not killed at its crash point.");
    await deployment.done(id);
    took.push((nowMs() - sentAtMs) / 1_000);
  }
  return took;
}
