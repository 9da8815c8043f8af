import { Reaper, type Standing } from "@mayfly/runtime";
import { ManualClock } from "@mayfly/service/testing";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import type { DockerHandle } from "../src/index.ts";
import { type DockerHarness, openDockerHarness } from "./docker-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

const waiting = { timeout: 30_000, interval: 50 };

describe("a reaper of a real engine", { timeout: 120_000 }, () => {
  let harness: DockerHarness;
  let clock: ManualClock;
  let standings: Map<string, Standing>;
  /** How often each container was asked about. */
  let asked: Map<string, number>;
  let reaper: Reaper<DockerHandle>;

  beforeEach(async () => {
    harness = await openDockerHarness(inject("dockerSocket"));
    clock = new ManualClock();
    standings = new Map();
    asked = new Map();
    reaper = new Reaper<DockerHandle>({
      // Another process than the one that started the containers.
      runtime: await harness.connect(),
      standingOf: async ({ handle: { id } }) => {
        asked.set(id, (asked.get(id) ?? 0) + 1);
        return standings.get(id) ?? "wanted";
      },
      clock,
      graceMs: 1_000,
    });
  });

  afterEach(async () => {
    await reaper.stop();
    await harness.close();
  });

  /** A container that its scheduler has left behind. */
  async function left(does: "slow" | "complete", standing: Standing, number = 1): Promise<DockerHandle> {
    const context = new RecordedRun({ number });
    const handle = await harness.runtime.start(harness.tasks[does](), context);
    if (does === "complete") await harness.runtime.wait(handle, context);
    standings.set(handle.id, standing);
    return handle;
  }

  /** Whether the engine still has the container. */
  async function isThere({ id }: DockerHandle): Promise<boolean> {
    const all = await harness.docker.listContainers({ all: true, filters: { id: [id] } });
    return all.length > 0;
  }

  async function untilGone(handle: DockerHandle): Promise<void> {
    await vi.waitFor(async () => expect(await isThere(handle)).toBe(false), waiting);
  }

  it("[RUN-31] removes at once what is left of done tasks, running or ended, and lets what is wanted run", async () => {
    const [running, ended] = [await left("slow", "gone"), await left("complete", "gone")];
    const [wanted, result] = [await left("slow", "wanted"), await left("complete", "wanted")];
    await reaper.start();
    await untilGone(running);
    await untilGone(ended);
    expect(await harness.isRunning(wanted)).toBe(true);
    expect(await harness.runtime.wait(result, new RecordedRun())).toEqual({ status: "complete" });
  });

  it("[RUN-32] removes what is unwanted after five minutes", async () => {
    const stray = await left("slow", "unwanted");
    await reaper.start();
    await vi.waitFor(() => expect(asked.get(stray.id)).toBe(1), waiting);
    for (let looks = 2; looks <= 5; looks++) {
      await clock.advance(66_000);
      await vi.waitFor(() => expect(asked.get(stray.id)).toBe(looks), waiting);
    }
    expect(await harness.isRunning(stray)).toBe(true);
    await clock.advance(66_000);
    await untilGone(stray);
  });

  it("[RUN-36] does no harm to another one on the same engine, nor to an owner who removes his work himself", async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => left("slow", "gone")));
    const other = new Reaper<DockerHandle>({
      runtime: await harness.connect(),
      standingOf: async () => "gone",
      clock,
      graceMs: 1_000,
    });
    await Promise.all([reaper.start(), other.start(), ...runs.map((handle) => harness.runtime.destroy(handle))]);
    await Promise.all(runs.map(untilGone));
    await other.stop();
  });
});
