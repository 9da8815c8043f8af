import { expect, it } from "vitest";
import { until } from "../e2e/system.ts";
import { DockerDeployment } from "./docker-deployment.ts";

/** At least so many: each caller sees only then that it was the last one. */
const taskCount = 40;
const atOnce = 8;

it("[DOCKER-20] runs tasks in containers, eight at a time: each once and complete, and leaves no container", async () => {
  await using deployment = await DockerDeployment.start({
    scripts: { work: "echo done" },
    env: { MAYFLY_CONCURRENCY: String(atOnce) },
  });
  await deployment.startScheduler();
  const ids: string[] = [];
  const ends: string[] = [];
  const caller = async (): Promise<void> => {
    while (ids.length < taskCount) {
      const id = await deployment.scheduled("work");
      ids.push(id);
      const { outcome, attempt } = await deployment.done(id);
      ends.push(`${outcome} ${attempt}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  expect(ends).toEqual(ids.map(() => "complete 1"));
  const { engine, events } = deployment;
  await until(async () => ids.every((id) => events.count("destroy", id) > 0), "the containers are removed");
  expect(await engine.containers()).toEqual([]);
  expect(ids.map((id) => events.count("start", id))).toEqual(ids.map(() => 1));
});
