import { expect, it } from "vitest";
import { until } from "../e2e/system.ts";
import { DockerDeployment } from "./docker-deployment.ts";

it("[SDK-75] [SDK-76] the next scheduler removes what a killed one has left of a task that is done, and adopts the rest", async () => {
  const env = { MAYFLY_CONCURRENCY: "4", MAYFLY_LEASE_MS: "8000" };
  await using deployment = await DockerDeployment.start({ scripts: { slow: "sleep 3600" }, env });
  const { engine, system } = deployment;
  const isRunning = async (id: string): Promise<boolean> =>
    (await engine.containersOf(id)).some(({ state }) => state === "running");

  const first = await deployment.startScheduler();
  const timeout = new Date(Date.now() + 30_000).toISOString();
  const done = await deployment.scheduled("slow", {}, { timeout });
  const lives = await deployment.scheduled("slow");
  for (const id of [done, lives]) {
    await until(() => isRunning(id), "its container runs");
    await system.reaches(id, "running", 1);
  }
  await first.kill();
  expect(await deployment.done(done)).toMatchObject({ outcome: "timeout" });
  expect(await isRunning(done)).toBe(true);

  await deployment.startScheduler();
  await until(async () => (await engine.containersOf(done)).length === 0, "what is left of it is removed");
  await system.reaches(lives, "running", 2);
  expect((await engine.containersOf(lives)).map(({ state }) => state)).toEqual(["running"]);
});
