import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/system.ts";
import { DockerDeployment } from "./docker-deployment.ts";

/** Stays until it is told to end: an engine may never hear what work died of that ends at once. */
const hog = `trap : USR1; head -c 100000000 /dev/zero | tail; code=$?
trap 'exit $code' USR1; while :; do sleep 1 & wait $!; done`;

describe("a task in a container", () => {
  let deployment: DockerDeployment;

  beforeAll(async () => {
    deployment = await DockerDeployment.start({
      scripts: { hog, endless: "exec sleep 3600", work: "true" },
      images: { missing: { image: "registry.invalid:5000/missing:1", commands: { work: ["true"] } } },
    });
    await deployment.startScheduler();
  });

  afterAll(async () => await deployment[Symbol.asyncDispose]());

  it("[DOCKER-24] says that it ran out of memory when it took more than it may have", async () => {
    const { engine, events, system } = deployment;
    const id = await deployment.scheduled("hog");
    await until(async () => events.count("oom", id) > 0, "the engine has heard that memory ran out");
    await until(async () => {
      if ((await system.view(id)).state === "done") return true;
      for (const container of await engine.containersOf(id)) await engine.signal(container.id, "SIGUSR1");
      return false;
    }, "it has ended");
    expect(await deployment.done(id)).toMatchObject({
      outcome: "aborted",
      reason: { code: "failed", message: "The work ran out of memory and ended by SIGKILL." },
    });
  });

  it("[DOCKER-22] says that its container is gone when that was removed by hand", async () => {
    const { engine } = deployment;
    const id = await deployment.scheduled("endless");
    await until(async () => (await engine.containersOf(id))[0]?.state === "running", "its container runs");
    const [container] = await engine.containersOf(id);
    await engine.remove(container?.id ?? "");
    expect(await deployment.done(id)).toMatchObject({
      outcome: "aborted",
      reason: {
        code: "runtime",
        message: `The container task-${id}-1 is gone: it was removed before its end was read.`,
      },
    });
    expect(await engine.containersOf(id)).toEqual([]);
  });

  it("[DOCKER-25] says that its image is missing, and holds up no other", async () => {
    const [missing, other] = await Promise.all([
      deployment.scheduled("work", { image: "missing" }),
      deployment.scheduled("work"),
    ]);
    const view = await deployment.done(missing);
    expect(view).toMatchObject({ outcome: "aborted", reason: { code: "runtime" } });
    expect(view.reason?.message).toMatch(
      /The container .* with the image registry\.invalid:5000\/missing:1 could not be started: .*[Nn]o such image/,
    );
    expect(await deployment.done(other)).toMatchObject({ outcome: "complete" });
    expect(await deployment.engine.containersOf(missing)).toEqual([]);
  });
});
