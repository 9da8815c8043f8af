import { expect, it } from "vitest";
import { until } from "../e2e/system.ts";
import { DockerDeployment } from "./docker-deployment.ts";
import { MemoryWatch } from "./memory-watch.ts";

const mebibyte = 1_048_576;
const outputBytes = 100_000_000;

it("[DOCKER-28] 100 MB of output cost the scheduler no memory, and the log that is kept ends with a mark where it is cut", async () => {
  await using deployment = await DockerDeployment.start({
    scripts: { quiet: "true", loud: `yes ${"mayfly ".repeat(20)} | head -c ${outputBytes}; echo end` },
  });
  const scheduler = await deployment.startScheduler();
  await deployment.done(await deployment.scheduled("quiet"));
  using memory = await MemoryWatch.open(scheduler.pid);
  const id = await deployment.scheduled("loud");
  const logOf = async (): Promise<string> => {
    const answer = await fetch(`${deployment.system.url}/task/${id}/logs`);
    expect(answer.status).toBe(200);
    return await answer.text();
  };
  await until(async () => (await logOf()).includes("\nmayfly "), "the log can be read while the work runs");
  expect(await deployment.done(id)).toMatchObject({ outcome: "complete" });
  expect(memory.furthest).toBeLessThanOrEqual(30 * mebibyte);

  const log = await logOf();
  expect(Buffer.byteLength(log)).toBeLessThanOrEqual(mebibyte + 100);
  expect(Buffer.byteLength(log)).toBeGreaterThan(mebibyte - 10_000);
  expect(log.slice(0, 100)).toMatch(/^--- attempt 1, run 1 ---\nmayfly /);
  // Of the runtime or of the store: whoever's limit is reached first.
  expect(log.slice(-100)).toMatch(/\n(\[log cut: .*\]|--- the log is cut here: .* ---)\n$/);
});
