import { toInstant } from "@mayfly/task";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, World } from "./world.ts";

describe("Scheduler under faults", () => {
  let world: World;

  beforeEach(async () => {
    world = await new World().open();
  });

  afterEach(() => world.close());

  it("[SDK-13] asks again while the store is away, and runs the task once when it is back", async () => {
    let runs = 0;
    await world.startScheduler({ greet: () => ++runs });
    world.store.cut.add("claim");
    const id = await world.schedule("greet");
    await world.clock.advance(10_000);
    expect(runs).toBe(0);
    world.store.cut.clear();
    await world.clock.advance(3_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1 });
    expect(runs).toBe(1);
  });

  it("[SDK-13] owns a task from when its claim was answered, however long it was asked for", async () => {
    await world.startScheduler({ wait: (_task, run) => stopped(run.signal) }, { maxAttempts: 1 });
    world.store.cut.add("claim");
    const id = await world.schedule("wait");
    await world.clock.advance(40_000);
    world.store.cut.clear();
    await world.clock.advance(60_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
  });

  it("[SDK-13] keeps a result until the store has taken it", async () => {
    await world.startScheduler({ greet: () => "hi" });
    world.store.cut.add("finish");
    const id = await world.schedule("greet");
    await world.clock.advance(60_000);
    expect(await world.view(id)).toMatchObject({ state: "running" });
    world.store.cut.clear();
    await world.clock.advance(3_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1, result: "hi" });
  });

  it("[SDK-14] stops work whose lease it cannot renew before another instance may have it", async () => {
    const stops: { code: string; atMs: number }[] = [];
    const startMs = world.clock.monotonicMs();
    await world.startScheduler({
      wait: async (_task, run) => {
        stops.push({ code: await stopped(run.signal), atMs: world.clock.monotonicMs() - startMs });
      },
    });
    const id = await world.schedule("wait");
    await world.clock.advance(100);
    world.store.cut.add("heartbeat").add("release");
    await world.clock.advance(29_000);
    expect(stops).toMatchObject([{ code: "lost" }]);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    world.store.cut.clear();
    await world.clock.advance(10_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
  });

  it("[SDK-34] tells onEnd of an end that others brought about while it was cut off", async () => {
    const ends: unknown[] = [];
    await world.startScheduler(
      { wait: (_task, run) => stopped(run.signal) },
      { maxAttempts: 1, onEnd: (_task, view) => ends.push([view.outcome, view.reason?.code]) },
    );
    const id = await world.schedule("wait");
    await world.clock.advance(100);
    world.store.cutAll();
    await world.clock.advance(40_000);
    expect(await world.view(id)).toMatchObject({ outcome: "aborted", reason: { code: "lost" } });
    expect(ends).toEqual([]);
    world.store.cut.clear();
    await world.clock.advance(5_000);
    expect(ends).toEqual([["aborted", "lost"]]);
  });

  describe("stop", () => {
    it("[SDK-15] lets short tasks finish, takes no new ones, and loses none", async () => {
      const first = await world.startScheduler(
        { work: () => world.clock.sleep(3_000).then(() => "done") },
        { concurrency: 2 },
      );
      const ids = await Promise.all(Array.from({ length: 4 }, () => world.schedule("work")));
      await world.clock.advance(1_000);
      const stoppedAtMs = world.clock.monotonicMs();
      await world.during(first.stop());
      expect(world.clock.monotonicMs() - stoppedAtMs).toBeLessThan(5_000);
      const views = await Promise.all(ids.map((id) => world.view(id)));
      expect(views.map((view) => view.state).sort()).toEqual(["done", "done", "scheduled", "scheduled"]);
      await world.startScheduler({ work: () => "elsewhere" });
      await world.clock.advance(1_000);
      for (const id of ids) expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1 });
    });

    it("[SDK-16] gives a long task back without counting a failure, and it runs elsewhere at once", async () => {
      const codes: string[] = [];
      const wait = async (_task: unknown, run: { signal: AbortSignal }): Promise<never> => {
        codes.push(await stopped(run.signal));
        throw new Error("stopped in the middle");
      };
      const first = await world.startScheduler({ wait }, { maxAttempts: 1 });
      const id = await world.schedule("wait");
      await world.clock.advance(100);
      await world.startScheduler(
        { wait: (_task, run) => `attempt ${run.attempt}, run ${run.number}` },
        { maxAttempts: 1 },
      );
      const stopping = first.stop({ graceMs: 25_000 });
      await world.clock.advance(19_900);
      expect(codes).toEqual([]);
      await world.clock.advance(1_500);
      expect(codes).toEqual(["shutdown"]);
      await world.during(stopping);
      expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "attempt 2, run 2" });
    });

    it("[SDK-16] takes what a handler returns after the shutdown signal as its result", async () => {
      const scheduler = await world.startScheduler({
        wait: async (_task, run) => `saved on ${await stopped(run.signal)}`,
      });
      const id = await world.schedule("wait");
      await world.clock.advance(100);
      await world.during(scheduler.stop());
      expect(await world.view(id)).toMatchObject({ outcome: "complete", result: "saved on shutdown" });
    });

    it("[SDK-16] gives back a task whose handler ignores everything, within the grace", async () => {
      const scheduler = await world.startScheduler({ stubborn: () => new Promise<never>(() => undefined) });
      const id = await world.schedule("stubborn");
      await world.clock.advance(100);
      const startMs = world.clock.monotonicMs();
      await world.during(scheduler.stop({ graceMs: 10_000 }));
      expect(world.clock.monotonicMs() - startMs).toBeLessThanOrEqual(10_100);
      expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    });

    it("[SDK-16] ends within the grace although the store is away", async () => {
      const scheduler = await world.startScheduler({ greet: () => "hi" });
      world.store.cut.add("finish");
      await world.schedule("greet");
      await world.clock.advance(100);
      const startMs = world.clock.monotonicMs();
      await world.during(scheduler.stop({ graceMs: 5_000 }));
      expect(world.clock.monotonicMs() - startMs).toBeLessThanOrEqual(5_200);
    });
  });

  it("[SDK-17] runs the next attempt beside an earlier one that it could not stop, and takes only the next one's result", async () => {
    const letGo: (() => void)[] = [];
    await world.startScheduler(
      {
        stubborn: (_task, run) =>
          run.attempt === 1 ? new Promise((resolve) => letGo.push(() => resolve("late"))) : "from the second attempt",
      },
      { stopGraceMs: 100 },
    );
    const id = await world.schedule("stubborn");
    await world.clock.advance(100);
    world.store.cut.add("heartbeat");
    await world.clock.advance(29_000);
    world.store.cut.clear();
    await world.clock.advance(10_000);
    letGo.forEach((go) => go());
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "from the second attempt" });
  });

  it("[SDK-18] never runs a task whose timeout came while it waited", async () => {
    const runs: string[] = [];
    const id = await (async () => {
      await world.dispatcher.register("hello", {});
      return world.schedule("note", {}, { timeout: toInstant(world.clock.now() + 1_000) });
    })();
    await world.clock.advance(1_100);
    await world.startScheduler({ note: (task) => runs.push(task.id) });
    await world.clock.advance(1_000);
    expect(runs).toEqual([]);
    expect(await world.view(id)).toMatchObject({ state: "done", outcome: "timeout" });
  });
});
