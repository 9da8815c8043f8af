import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/system.ts";
import { DockerDeployment } from "./docker-deployment.ts";
import { processesOf } from "./processes-of.ts";

const graceMs = 3_000;
/** How much longer than its grace work may stay that was told to end. */
const marginMs = 2_000;

const stubborn = "trap '' TERM; while :; do sleep 1; done";
/** Four processes that ignore being asked to end, and go on forking. */
const tree = `trap '' TERM; for i in 1 2 3; do sh -c "${stubborn}" & done; ${stubborn}`;
/** The engine's init, four shells, and a child of each. */
const treeSize = 9;

describe("the container of a task that has to end early", () => {
  let deployment: DockerDeployment;

  beforeAll(async () => {
    deployment = await DockerDeployment.start({
      scripts: { tree, polite: "trap 'exit 0' TERM; sleep 3600 & wait" },
      env: { MAYFLY_STOP_GRACE_MS: String(graceMs) },
    });
    await deployment.startScheduler();
  });

  afterAll(async () => await deployment[Symbol.asyncDispose]());

  /** Schedules work, and resolves with its task's id once that many processes of it run. */
  async function begun(script: string, size: number, members: object = {}): Promise<string> {
    const id = await deployment.scheduled(script, {}, members);
    await until(async () => (await processesOf(id)).length === size, "all of the work runs");
    return id;
  }

  /** Resolves once neither the engine nor the host knows the work any more; rejects after `limitMs`. */
  async function gone(id: string, limitMs: number): Promise<void> {
    const { engine } = deployment;
    await until(
      async () => (await engine.containersOf(id)).length === 0 && (await processesOf(id)).length === 0,
      "nothing of the work is left",
      limitMs,
    );
  }

  it("[DOCKER-23] is gone, with a tree of processes that ignores SIGTERM, a grace and two seconds after an abort", async () => {
    const id = await begun("tree", treeSize);
    const abortedAtMs = performance.now();
    expect((await deployment.system.request("POST", `/task/${id}/abort`)).status).toBe(202);
    await gone(id, graceMs + marginMs);
    expect(performance.now() - abortedAtMs).toBeGreaterThanOrEqual(graceMs);
    expect(await deployment.done(id)).toMatchObject({ outcome: "aborted", reason: { code: "requested" } });
  });

  it("[DOCKER-23] is gone, with a tree of processes that ignores SIGTERM, a grace and two seconds after the timeout", async () => {
    const timeoutAt = Date.now() + 5_000;
    const id = await begun("tree", treeSize, { timeout: new Date(timeoutAt).toISOString() });
    await gone(id, timeoutAt - Date.now() + graceMs + marginMs);
    expect(Date.now()).toBeGreaterThanOrEqual(timeoutAt + graceMs);
    expect(await deployment.done(id)).toMatchObject({ outcome: "timeout" });
  });

  it("[DOCKER-23] is gone before the grace is over when the work ends as it is asked to", async () => {
    const id = await begun("polite", 3);
    await deployment.system.request("POST", `/task/${id}/abort`);
    await gone(id, marginMs);
    expect(await deployment.done(id)).toMatchObject({ outcome: "aborted", reason: { code: "requested" } });
  });
});
