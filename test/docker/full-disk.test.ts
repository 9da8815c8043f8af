import { startDocker } from "@mayfly/test-services";
import { expect, it } from "vitest";
import { DockerDeployment } from "./docker-deployment.ts";
import { Registry } from "./registry.ts";

it("[DOCKER-26] a disk that is full while an image is pulled is the reason of the task, and the next one runs", async () => {
  await using engine = await startDocker({ dataMiB: 24 });
  await engine.importImage("mayfly-test:1");
  await using registry = await Registry.open(32);
  await using deployment = await DockerDeployment.start({
    socketPath: engine.socketPath,
    scripts: { work: "true" },
    images: { big: { image: registry.image, commands: { work: ["true"] }, pull: "missing" } },
  });
  await deployment.startScheduler();
  const view = await deployment.done(await deployment.scheduled("work", { image: "big" }));
  expect(view).toMatchObject({ outcome: "aborted", reason: { code: "runtime" } });
  expect(view.reason?.message).toMatch(
    /^The image 127\.0\.0\.1:\d+\/big:1 could not be pulled: .*no space left on device/,
  );
  expect(await deployment.engine.containers()).toEqual([]);
  expect(await deployment.done(await deployment.scheduled("work"))).toMatchObject({ outcome: "complete" });
});
