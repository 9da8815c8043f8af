import { expect, it } from "vitest";
import { until } from "../e2e/system.ts";
import { DockerDeployment } from "./docker-deployment.ts";

/** How each task ends; the script is the same for all, and ends when it is told to. */
const codes = [0, 11, 12, 13, 14, 15, 16, 17];
const code = String.raw`trap 'end=1' USR1; while [ -z "$end" ]; do sleep 3600 & wait $!; done
exit $(echo "$MAYFLY_TASK" | sed 's/.*"code":\([0-9]*\).*/\1/')`;
const env = { MAYFLY_CONCURRENCY: String(codes.length), MAYFLY_LEASE_MS: "8000", MAYFLY_MAX_ATTEMPTS: "2" };

/** How many owners each task has. */
const attempts = 4;

it("[DOCKER-21] schedulers that are killed leave their containers to others: each ends as it will, none is started twice", async () => {
  await using deployment = await DockerDeployment.start({ scripts: { code }, env });
  const { engine, events, system } = deployment;
  const runningIds = async (): Promise<readonly string[]> =>
    (await engine.containers()).flatMap(({ id, state }) => (state === "running" ? [id] : [])).sort();

  let owner = await deployment.startScheduler();
  const ids = await Promise.all(codes.map((number) => deployment.scheduled("code", { code: number })));
  await until(async () => (await runningIds()).length === codes.length, "all containers run");
  await Promise.all(ids.map((id) => system.reaches(id, "running", 1)));
  const before = await runningIds();
  // More often than a task may fail: nothing has failed here.
  for (let attempt = 2; attempt <= attempts; attempt++) {
    const next = await deployment.startScheduler();
    await owner.kill();
    await Promise.all(ids.map((id) => system.reaches(id, "running", attempt)));
    expect(await runningIds()).toEqual(before);
    owner = next;
  }

  await Promise.all(before.map((id) => engine.signal(id, "SIGUSR1")));
  const views = await Promise.all(ids.map((id) => deployment.done(id)));
  const ended = views.map(({ outcome, attempt, reason }) => [outcome, attempt, reason?.message]);
  expect(ended).toEqual(
    codes.map((number) =>
      number === 0 ? ["complete", attempts, undefined] : ["aborted", attempts, `The work ended with code ${number}.`],
    ),
  );
  await until(async () => ids.every((id) => events.count("destroy", id) === 1), "the containers are removed");
  expect(await engine.containers()).toEqual([]);
  const counts = ids.map((id) => ["create", "start", "die"].map((action) => events.count(action, id)));
  expect(counts).toEqual(ids.map(() => [1, 1, 1]));
});
