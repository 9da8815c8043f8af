import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdoptableRuntime, Environment } from "./adoptable-runtime.ts";
import { deferred } from "./deferred.ts";
import { World } from "./world.ts";

const minutesMs = 60_000;

describe("what is left of a scheduler's work", () => {
  let world: World;
  let environment: Environment;

  beforeEach(async () => {
    world = await new World().open();
    await world.store.register("hello", {});
    environment = new Environment();
  });

  afterEach(() => world.close());

  function here(gate?: Promise<void>): AdoptableRuntime {
    return new AdoptableRuntime({ environment, scope: "here", ...(gate !== undefined && { gate }) });
  }

  /** A run that somebody has left behind; its name. */
  function leave(taskId: string, run: number, scheduler = "hello"): string {
    const name = `here/${taskId}-${run}`;
    environment.left.set(name, { handle: { version: 1, name }, taskId, run, scheduler });
    return name;
  }

  it("[SDK-75] is stopped and removed at once when its task is done", async () => {
    const id = await world.schedule("any");
    await world.dispatcher.abort(id);
    const name = leave(id, 1);
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(100);
    expect(environment).toMatchObject({ stopped: [name], destroyed: [name] });
  });

  it("[SDK-75] is removed by the next look when its task ends while nobody works on it", async () => {
    const first = await world.startScheduler({}, { runtime: here() });
    const timeout = new Date(world.clock.now() + 2 * minutesMs).toISOString();
    const id = await world.schedule("any", {}, { timeout });
    await world.clock.advance(100);
    await world.during(first.stop({ graceMs: 2_000 }));
    await world.startScheduler({}, { runtime: new AdoptableRuntime({ environment, scope: "there" }) });
    await world.clock.advance(2 * minutesMs);
    expect(await world.view(id)).toMatchObject({ outcome: "timeout" });
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(100);
    expect(environment.destroyed).toContain(`here/${id}-1`);
    expect([...environment.left]).toEqual([]);
  });

  it("[SDK-76] is kept while its task lives: before its handle is stored, with it, and between two owners", async () => {
    world.store.cut.add("attach");
    const first = await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    await world.clock.advance(10 * minutesMs);
    world.store.cut.clear();
    await world.clock.advance(10 * minutesMs);
    await world.during(first.stop({ graceMs: 2_000 }));
    // One that takes nothing, and reaps.
    const { promise: never } = deferred<void>();
    await world.startScheduler({}, { name: "other", runtime: here(never) });
    await world.clock.advance(10 * minutesMs);
    expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    expect(environment).toMatchObject({ stopped: [], destroyed: [] });
  });

  it("[SDK-77] is removed after five minutes when another run of its task counts", async () => {
    const id = await world.schedule("any");
    const [later, next] = [leave(id, 7), leave(id, 2)];
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(4 * minutesMs);
    expect(environment.destroyed).toEqual([]);
    await world.clock.advance(3 * minutesMs);
    expect([...environment.destroyed].sort()).toEqual([later, next].sort());
    expect(await world.view(id)).toMatchObject({ state: "running" });
    expect(environment.stopped).not.toContain(`here/${id}-1`);
  });

  it("[SDK-77] is removed after five minutes when the task has its work in another scope", async () => {
    const first = await world.startScheduler({}, { runtime: new AdoptableRuntime({ environment, scope: "there" }) });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    const name = leave(id, 1);
    await world.startScheduler({}, { runtime: here(), name: "other" });
    await world.clock.advance(7 * minutesMs);
    expect(environment.destroyed).toEqual([name]);
    expect(first.running).toBe(1);
  });

  it("[SDK-77] is removed after five minutes when the handle of the task is the same, but of another kind of runtime", async () => {
    const first = await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    await world.during(first.stop({ graceMs: 2_000 }));
    const other = new AdoptableRuntime({ environment, scope: "here", kind: "other" });
    await world.startScheduler({}, { runtime: other, name: "other" });
    await world.clock.advance(7 * minutesMs);
    expect(environment.destroyed).toEqual([`here/${id}-1`]);
  });

  it("[SDK-77] is removed after five minutes when the store cannot tell: its task may be lost", async () => {
    const name = leave(randomUUID(), 1);
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(4 * minutesMs);
    expect(environment.destroyed).toEqual([]);
    await world.clock.advance(3 * minutesMs);
    expect(environment.destroyed).toEqual([name]);
  });

  it("[SDK-77] is kept when its owner writes the lost task back", async () => {
    await world.startScheduler({}, { runtime: here() });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    world.store.wipe();
    await world.clock.advance(10 * minutesMs);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    expect(environment).toMatchObject({ stopped: [], destroyed: [] });
  });

  it("[SDK-78] is left alone when it is of a scheduler that the store does not know, else removed too", async () => {
    const unknown = leave(randomUUID(), 1, "unknown");
    const known = leave(randomUUID(), 1, "known");
    await world.store.register("known", {});
    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(7 * minutesMs);
    expect(environment.destroyed).toEqual([known]);
    expect([...environment.left.keys()]).toEqual([unknown]);
  });

  it("[SDK-82] is removed at once when its scheduler has been removed since its task was done, as long as that is remembered", async () => {
    const id = await world.schedule("any");
    await world.dispatcher.abort(id);
    await world.dispatcher.deregister("hello");
    const [known, never] = [leave(id, 1), leave(randomUUID(), 1)];
    await world.startScheduler({}, { runtime: here(), name: "other" });
    await world.clock.advance(100);
    expect(environment.destroyed).toEqual([known]);
    await world.clock.advance(7 * minutesMs);
    expect([...environment.left.keys()]).toEqual([never]);
  });

  it("[SDK-79] is left alone by a scheduler that is told so", async () => {
    leave(randomUUID(), 1);
    await world.startScheduler({}, { runtime: here(), reap: false });
    await world.clock.advance(10 * minutesMs);
    expect(environment.destroyed).toEqual([]);
  });

  it("[SDK-79] holds up no stop of a scheduler, and is left to the next one that looks", async () => {
    const id = await world.schedule("any");
    await world.dispatcher.abort(id);
    const name = leave(id, 1);
    const { promise, resolve } = deferred<void>();
    class Stuck extends AdoptableRuntime {
      override async stop(): Promise<void> {
        await promise;
      }
    }
    const scheduler = await world.startScheduler({}, { runtime: new Stuck({ environment, scope: "here" }) });
    await world.clock.advance(100);
    const startMs = world.clock.monotonicMs();
    await world.during(scheduler.stop({ graceMs: 20_000 }));
    expect(world.clock.monotonicMs() - startMs).toBeLessThanOrEqual(500);
    expect(environment.destroyed).toEqual([]);

    await world.startScheduler({}, { runtime: here() });
    await world.clock.advance(100);
    expect(environment).toMatchObject({ stopped: [name], destroyed: [name] });
    // The first one does not look any more, even when its runtime answers at last.
    resolve();
    await world.clock.advance(10 * minutesMs);
    expect(new Set(environment.destroyed)).toEqual(new Set([name]));
  });

  it("[SDK-79] is not looked at any more by a scheduler that has stopped", async () => {
    const id = await world.schedule("any");
    await world.dispatcher.abort(id);
    const scheduler = await world.startScheduler({}, { runtime: here() });
    await world.during(scheduler.stop());
    const name = leave(id, 1);
    await world.clock.advance(10 * minutesMs);
    expect([...environment.left.keys()]).toEqual([name]);
  });
});
