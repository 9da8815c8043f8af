import { startDocker } from "@mayfly/test-services";
import { expect, it } from "vitest";
import { openDockerHarness } from "./docker-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

it("[DOCKER-5] does not take work for complete that died with the engine, and runs on the engine that comes back", async () => {
  await using docker = await startDocker();
  await docker.importImage("mayfly-test:1");
  const harness = await openDockerHarness(docker.socketPath);
  try {
    const context = new RecordedRun();
    const handle = await harness.runtime.start(harness.tasks.slow(), context);
    const result = harness.runtime.wait(handle, context);
    await docker.restart();
    expect(await result).toMatchObject({ status: "failed" });
    const next = await harness.runtime.start(harness.tasks.complete(), context);
    expect(await harness.runtime.wait(next, context)).toEqual({ status: "complete" });
    expect((await harness.connect()).scope).toBe(harness.runtime.scope);
  } finally {
    await harness.close();
  }
});
