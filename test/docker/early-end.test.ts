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
  async function begun(script: string, size: number): Promise<string> {
    const id = await deployment.scheduled(script);
    await until(async () => (await processesOf(id)).length === size, "all of the work runs");
    return id;
  }

  /** The same for a task whose time is over soon: on a busy machine, which needs longer to begin, later than on others. */
  async function begunInTime(
    script: string,
    size: number,
    leadMs = 6_000,
  ): Promise<{ readonly id: string; readonly timeoutAt: number }> {
    const timeoutAt = Date.now() + leadMs;
    const id = await deployment.scheduled(script, {}, { timeout: new Date(timeoutAt).toISOString() });
    let hasBegun = false;
    await until(async () => {
      hasBegun = (await processesOf(id)).length === size;
      return hasBegun || Date.now() >= timeoutAt;
    }, "all of the work runs, or its time is over");
    return hasBegun ? { id, timeoutAt } : await begunInTime(script, size, 2 * leadMs);
  }

  /** Resolves with the time at which the engine has removed the work; the host knows no process of it any more. */
  async function removedAt(id: string): Promise<number> {
    const { engine, events } = deployment;
    await until(async () => events.count("destroy", id) === 1, "the container is removed");
    expect(await processesOf(id)).toEqual([]);
    expect(await engine.containersOf(id)).toEqual([]);
    return events.times("destroy", id)[0] ?? Number.NaN;
  }

  /** Aborts a task, and resolves with the time when that was accepted. */
  async function abortedAt(id: string): Promise<number> {
    expect((await deployment.system.request("POST", `/task/${id}/abort`)).status).toBe(202);
    return Date.now();
  }

  /** Expects that the work was asked to end, and was killed when its grace was over. */
  function expectForced(id: string): void {
    const [asked = 0, ...forced] = deployment.events.times("kill", id);
    expect(forced).toHaveLength(1);
    expect((forced[0] ?? 0) - asked).toBeGreaterThanOrEqual(graceMs - 500);
  }

  it("[DOCKER-23] is gone, with a tree of processes that ignores SIGTERM, a grace and two seconds after an abort", async () => {
    const id = await begun("tree", treeSize);
    const since = await abortedAt(id);
    expect((await removedAt(id)) - since).toBeLessThanOrEqual(graceMs + marginMs);
    expectForced(id);
    expect(await deployment.done(id)).toMatchObject({ outcome: "aborted", reason: { code: "requested" } });
  });

  it("[DOCKER-23] is gone, with a tree of processes that ignores SIGTERM, a grace and two seconds after the timeout", async () => {
    const { id, timeoutAt } = await begunInTime("tree", treeSize);
    expect((await removedAt(id)) - timeoutAt).toBeLessThanOrEqual(graceMs + marginMs);
    expectForced(id);
    expect(await deployment.done(id)).toMatchObject({ outcome: "timeout" });
  });

  it("[DOCKER-23] is gone long before the grace is over when the work ends as it is asked to", async () => {
    const id = await begun("polite", 3);
    const since = await abortedAt(id);
    expect((await removedAt(id)) - since).toBeLessThanOrEqual(marginMs);
    expect(deployment.events.count("kill", id)).toBe(1);
    expect(await deployment.done(id)).toMatchObject({ outcome: "aborted", reason: { code: "requested" } });
  });
});
