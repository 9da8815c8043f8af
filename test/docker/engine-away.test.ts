import { startDocker } from "@mayfly/test-services";
import { expect, inject, it } from "vitest";
import { DockerDeployment } from "./docker-deployment.ts";

/** Long enough for the first start on a new engine, and for one on an engine that has just come back. */
const startTimeoutMs = 10_000;

it("[DOCKER-27] an engine that is away is the reason of a task within the time for a start, while others run, and its scheduler goes on when it is back", async () => {
  await using engine = await startDocker();
  await engine.importImage("mayfly-test:1");
  await using deployment = await DockerDeployment.start({
    socketPath: engine.socketPath,
    scripts: { work: "true" },
    env: { MAYFLY_START_TIMEOUT_MS: String(startTimeoutMs) },
  });
  const scheduler = await deployment.startScheduler();
  const other = { MAYFLY_SCHEDULER: "other", MAYFLY_DOCKER_HOST: `unix://${inject("dockerSocket")}` };
  await deployment.startScheduler(other);
  expect(await deployment.done(await deployment.scheduled("work"))).toMatchObject({ outcome: "complete" });

  await engine.kill();
  const ids = await Promise.all([1, 2].map(() => deployment.scheduled("work")));
  const elsewhere = await deployment.scheduled("work", {}, { scheduler: "other" });
  expect(await deployment.done(elsewhere)).toMatchObject({ outcome: "complete" });
  for (const view of await Promise.all(ids.map((id) => deployment.done(id)))) {
    expect(view).toMatchObject({ outcome: "aborted", attempt: 1, reason: { code: "runtime" } });
    expect(view.reason?.message).toMatch(/^The container .* was not started within 10000 ms\. .*docker\.sock/);
    const startedFor = Date.parse(view.endedAt ?? "") - Date.parse(view.startedAt ?? "");
    expect(startedFor).toBeLessThan(startTimeoutMs + 5_000);
  }

  await engine.restart();
  expect(await deployment.done(await deployment.scheduled("work"))).toMatchObject({ outcome: "complete" });
  scheduler.signal("SIGTERM");
  expect(await scheduler.exited).toEqual({ code: 0, signal: null });
});
