import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdoptableRuntime, Environment } from "./adoptable-runtime.ts";
import { deferred } from "./deferred.ts";
import { World } from "./world.ts";

describe("work that outlives its scheduler", () => {
  let world: World;
  let environment: Environment;

  beforeEach(async () => {
    world = await new World().open();
    environment = new Environment();
  });

  afterEach(() => world.close());

  function here(gate?: Promise<void>): AdoptableRuntime {
    return new AdoptableRuntime({ environment, scope: "here", ...(gate !== undefined && { gate }) });
  }

  it("[SDK-30] is handed over by a scheduler that stops, and adopted where it is, for no failure", async () => {
    const first = await world.startScheduler({}, { runtime: here(), maxAttempts: 1 });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    await world.during(first.stop({ graceMs: 2_000 }));
    await world.startScheduler({}, { runtime: here(), maxAttempts: 1 });
    await world.clock.advance(2_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
    environment.endAll("adopted");
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "adopted" });
    expect(environment).toMatchObject({ asked: [`here/${id}-1`], stopped: [], destroyed: [`here/${id}-1`] });
  });

  it("[SDK-30] is handed over when a start that was under way has ended", async () => {
    const { promise, resolve } = deferred<void>();
    const first = await world.startScheduler({}, { runtime: here(promise) });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    const stopping = first.stop({ graceMs: 20_000 });
    await world.clock.advance(16_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    resolve();
    await world.during(stopping);
    expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(2_000);
    environment.endAll("adopted");
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", result: "adopted" });
    expect(environment.asked).toEqual([`here/${id}-1`]);
  });

  it("[SDK-80] is ended by the scheduler that hands it over when the task has ended meanwhile", async () => {
    const { promise, resolve } = deferred<void>();
    const first = await world.startScheduler({}, { runtime: here(promise), reap: false });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    const stopping = first.stop({ graceMs: 20_000 });
    await world.clock.advance(16_000);
    await world.dispatcher.abort(id);
    resolve();
    await world.during(stopping);
    expect(await world.view(id)).toMatchObject({ state: "done", outcome: "aborted" });
    expect(environment).toMatchObject({ stopped: [`here/${id}-1`], destroyed: [`here/${id}-1`] });
  });

  it("[SDK-80] is ended by the scheduler that hands it over when the time of the task is over meanwhile", async () => {
    const { promise, resolve } = deferred<void>();
    const first = await world.startScheduler({}, { runtime: here(promise), reap: false });
    const timeout = new Date(world.clock.now() + 16_000).toISOString();
    const id = await world.schedule("any", {}, { timeout });
    await world.clock.advance(100);
    const stopping = first.stop({ graceMs: 20_000 });
    await world.clock.advance(15_500);
    await world.clock.advance(1_500);
    resolve();
    await world.during(stopping);
    expect(await world.view(id)).toMatchObject({ state: "done", outcome: "timeout" });
    expect(environment).toMatchObject({ stopped: [`here/${id}-1`], destroyed: [`here/${id}-1`] });
  });

  it("[SDK-81] is not begun by a scheduler that stops while it claims the task", async () => {
    const claiming = deferred<void>();
    const claimed = deferred<void>();
    const claim = world.store.claim.bind(world.store);
    world.store.claim = async (...args: Parameters<typeof claim>) => {
      const answer = await claim(...args);
      claiming.resolve();
      await claimed.promise;
      return answer;
    };
    const first = await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    const stopping = claiming.promise.then(() => first.stop({ graceMs: 2_000 }));
    await world.clock.advance(1_000);
    claimed.resolve();
    await world.during(stopping);
    expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    expect(environment.asked).toEqual([]);
  });

  it("[SDK-30] is handed over within the grace although its start never ends", async () => {
    const first = await world.startScheduler({}, { runtime: here(new Promise<void>(() => undefined)) });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    const startMs = world.clock.monotonicMs();
    await world.during(first.stop({ graceMs: 10_000 }));
    expect(world.clock.monotonicMs() - startMs).toBeLessThanOrEqual(10_100);
    expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
  });

  it.each([
    { kind: "adoptable", scope: "there" },
    { kind: "other", scope: "here" },
  ])(
    "[SDK-31] [SDK-71] is adopted in its own scope only: %o starts it anew when nobody has reached that for a minute",
    async (other) => {
      const first = await world.startScheduler({}, { runtime: here() });
      const id = await world.schedule("any");
      await world.clock.advance(100);
      await world.during(first.stop({ graceMs: 2_000 }));
      await world.startScheduler({}, { runtime: new AdoptableRuntime({ environment, ...other }), maxAttempts: 1 });
      await world.clock.advance(59_000);
      expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
      expect(environment.asked).toEqual([`here/${id}-1`]);
      await world.clock.advance(11_000);
      expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
      expect(environment.asked).toEqual([`here/${id}-1`, `${other.scope}/${id}-2`]);
      environment.endAll("anew");
      await world.clock.advance(100);
      expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2 });
    },
  );

  it("[SDK-70] waits for an instance that reaches it, whoever gets its message", async () => {
    const first = await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    await world.during(first.stop({ graceMs: 2_000 }));
    const inline = await world.startScheduler({ any: () => "inline" });
    await world.clock.advance(40_000);
    expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    expect(inline.running).toBe(0);
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(20_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
    environment.endAll("adopted");
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", result: "adopted" });
    expect(environment.asked).toEqual([`here/${id}-1`]);
  });

  it("[SDK-70] waits as long as an instance lives that reaches it, although that one takes nothing", async () => {
    const first = await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    await world.during(first.stop({ graceMs: 2_000 }));
    const { promise: never } = deferred<void>();
    await world.startScheduler({}, { runtime: here(never), concurrency: 1 });
    const busy = await world.schedule("any");
    await world.clock.advance(3_000);
    await world.startScheduler({ any: () => "inline" });
    await world.clock.advance(120_000);
    const states = [await world.view(id), await world.view(busy)].map(({ state }) => state);
    expect(states.filter((state) => state === "done")).toEqual([]);
  });

  it("[SDK-74] is said by the entry of its instance where it can be found", async () => {
    await world.startScheduler({}, { runtime: here() });
    await world.startScheduler({});
    const entries = await world.store.instances("hello");
    expect(entries.map(({ runtime, scope }) => `${runtime} ${scope}`).sort()).toEqual([
      "adoptable here",
      "inline undefined",
    ]);
  });

  it("[SDK-22] is handed over although the store has lost the task", async () => {
    const first = await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    world.store.wipe();
    await world.during(first.stop({ graceMs: 2_000 }));
    expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(2_000);
    environment.endAll("adopted");
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "adopted" });
    expect(environment.asked).toEqual([`here/${id}-1`]);
  });

  it("[SDK-25] goes on when its lease could not be renewed, and is adopted when the store answers", async () => {
    await world.startScheduler({}, { runtime: here(), maxAttempts: 1 });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    world.store.cutAll();
    await world.clock.advance(28_000);
    world.store.cut.clear();
    await world.clock.advance(3_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
    environment.endAll("adopted");
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "adopted" });
    expect(environment).toMatchObject({ asked: [`here/${id}-1`], stopped: [] });
  });

  it("[SDK-35] is left to its next owner when the store does not take its result from this one", async () => {
    await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    world.store.cut.add("heartbeat").add("finish");
    environment.endAll("done");
    await world.clock.advance(35_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
    expect(environment.destroyed).toEqual([]);
    world.store.cut.clear();
    await world.clock.advance(3_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "done" });
    expect(environment).toMatchObject({ asked: [`here/${id}-1`], destroyed: [`here/${id}-1`] });
  });

  it("[SDK-35] is left to its next owner when the store does not hear from this one that it is to be tried again", async () => {
    await world.startScheduler({}, { runtime: here(), retry: { backoffMs: 1_000, maxAttempts: 3 } });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    world.store.cut.add("heartbeat").add("release");
    environment.failAll("no luck");
    await world.clock.advance(35_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
    expect(environment.destroyed).toEqual([]);
    world.store.cut.clear();
    await world.clock.advance(5_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 3 });
    expect(environment).toMatchObject({
      asked: [`here/${id}-1`, `here/${id}-2`],
      destroyed: [`here/${id}-1`],
    });
  });

  it("[SDK-32] is stopped, and ends, while the store does not take its handle", async () => {
    await world.startScheduler({}, { runtime: here() });
    world.store.cut.add("attach");
    const id = await world.schedule("any");
    await world.clock.advance(100);
    await world.dispatcher.abort(id);
    await world.clock.advance(100);
    expect(environment.stopped).toEqual([`here/${id}-1`]);
    expect(await world.view(id)).toMatchObject({ state: "done", outcome: "aborted" });
  });

  it("[SDK-32] is adopted by its handle that the store took late", async () => {
    const first = await world.startScheduler({}, { runtime: here() });
    world.store.cut.add("attach");
    const id = await world.schedule("any");
    await world.clock.advance(5_000);
    const stopping = first.stop({ graceMs: 20_000 });
    await world.clock.advance(16_000);
    world.store.cut.clear();
    await world.during(stopping);
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(2_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
    expect(environment.asked).toEqual([`here/${id}-1`]);
    environment.endAll("adopted");
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", result: "adopted" });
  });

  describe("whose start never ends", () => {
    const { promise: never } = deferred<void>();

    it("[SDK-33] ends when it is aborted, keeps its slot, and holds up no stop", async () => {
      const scheduler = await world.startScheduler({}, { runtime: here(never), stopGraceMs: 3_000 });
      const id = await world.schedule("any");
      await world.clock.advance(100);
      await world.dispatcher.abort(id);
      await world.clock.advance(3_100);
      expect(await world.view(id)).toMatchObject({ state: "done", outcome: "aborted", reason: { code: "requested" } });
      expect(scheduler.running).toBe(1);
      const startMs = world.clock.monotonicMs();
      await world.during(scheduler.stop({ graceMs: 5_000 }));
      expect(world.clock.monotonicMs() - startMs).toBeLessThanOrEqual(4_100);
    });

    it("[SDK-33] and ends after all, is cleaned up", async () => {
      const { promise, resolve } = deferred<void>();
      const scheduler = await world.startScheduler({}, { runtime: here(promise), stopGraceMs: 3_000 });
      const id = await world.schedule("any");
      await world.clock.advance(100);
      await world.dispatcher.abort(id);
      await world.clock.advance(10_000);
      expect(environment.destroyed).toEqual([]);
      resolve();
      await world.clock.advance(100);
      expect(environment).toMatchObject({ stopped: [`here/${id}-1`], destroyed: [`here/${id}-1`] });
      expect(scheduler.running).toBe(0);
    });
  });
});
