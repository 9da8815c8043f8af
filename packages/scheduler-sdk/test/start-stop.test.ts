import { connectScheduler } from "../src/connect.ts";
import { InlineRuntime } from "@mayfly/runtime";
import { ManualClock } from "@mayfly/service/testing";
import type { KeepLeasesOptions, LeaseKeeper, TaskStore } from "@mayfly/store";
import { v4 as uuid } from "uuid";
import { beforeEach, describe, expect, it } from "vitest";
import { Scheduler } from "../src/scheduler.ts";
import { CuttableStore } from "./cuttable-store.ts";
import { deferred } from "./deferred.ts";
import { HandFedQueue } from "./hand-fed-queue.ts";

/** A store whose lease keepers are ready when a test says so, and that notes what it is told of instances. */
class SlowStore extends CuttableStore {
  readonly told: string[] = [];
  ready: Promise<void> = Promise.resolve();
  beats: Promise<void> = Promise.resolve();

  override keepLeases(options: KeepLeasesOptions): LeaseKeeper {
    const keeper = super.keepLeases(options);
    const { ready } = this;
    return new Proxy(keeper, {
      get: (target, name) => {
        if (name === "ready") return ready;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    });
  }

  override async beat(...given: Parameters<TaskStore["beat"]>): Promise<void> {
    this.told.push(`beat ${given[1].state}`);
    await this.beats;
    await super.beat(...given);
  }

  override async leave(...given: Parameters<TaskStore["leave"]>): Promise<void> {
    this.told.push("leave");
    await super.leave(...given);
  }
}

describe("Scheduler", () => {
  let clock: ManualClock;
  let store: SlowStore;
  let queue: HandFedQueue;
  let scheduler: Scheduler;

  beforeEach(() => {
    clock = new ManualClock();
    store = new SlowStore({ clock });
    queue = new HandFedQueue({ clock });
    scheduler = new Scheduler({ name: "hello", store, queue, runtime: new InlineRuntime({}, { clock }), clock });
  });

  /** Stops the scheduler while time goes on, and expects that nothing is left. */
  async function stopped(): Promise<void> {
    const stopping = scheduler.stop({ graceMs: 1_000 });
    await clock.advance(2_000);
    await stopping;
    expect(clock.pendingTimers).toBe(0);
  }

  it("[SDK-28] takes tasks only when it can renew leases", async () => {
    const { promise, resolve } = deferred<void>();
    store.ready = promise;
    const starting = scheduler.start();
    await clock.advance(10_000);
    expect([queue.isConsumed, scheduler.isSubscribed]).toEqual([false, false]);
    resolve();
    await starting;
    expect([queue.isConsumed, scheduler.isSubscribed]).toEqual([true, true]);
    await stopped();
  });

  it("[SDK-28] does not start when it never can renew leases, and leaves nothing behind", async () => {
    const unable = Promise.reject(new Error("There is no thread."));
    unable.catch(() => undefined);
    store.ready = unable;
    await expect(scheduler.start()).rejects.toThrow("There is no thread.");
    expect([queue.isConsumed, clock.pendingTimers]).toEqual([false, 0]);
    store.ready = Promise.resolve();
    await scheduler.start();
    expect(queue.isConsumed).toBe(true);
    await stopped();
  });

  it("[SDK-28] waits at its start while the store is away", async () => {
    store.cut.add("register");
    const starting = scheduler.start();
    await clock.advance(30_000);
    expect(queue.isConsumed).toBe(false);
    store.cut.clear();
    await clock.advance(3_000);
    await starting;
    expect(await store.findRegistration("hello")).toEqual({});
    expect(queue.isConsumed).toBe(true);
    await stopped();
  });

  it.each(["register", "ready"])("[SDK-28] is stopped while its start waits: %s", async (what) => {
    if (what === "register") store.cut.add("register");
    else store.ready = new Promise<void>(() => undefined);
    const starting = scheduler.start();
    await clock.advance(5_000);
    await stopped();
    await starting;
    expect([queue.isConsumed, scheduler.isSubscribed, store.told]).toEqual([false, false, []]);
  });

  it("[SDK-36] takes nothing when it is stopped before its start has ended", async () => {
    const { promise, resolve } = deferred<void>();
    queue.subscribed = promise;
    const starting = scheduler.start();
    await clock.advance(100);
    const stopping = scheduler.stop({ graceMs: 1_000 });
    const task = { id: uuid(), attributes: {}, scheduler: "hello", timeout: "2026-01-02T00:00:00.000Z" };
    const message = { scheduler: "hello", body: JSON.stringify(task), token: "t", scheduledAt: 0, attempt: 0 };
    expect(await queue.deliver({ ...message, id: task.id })).toEqual(["give back"]);
    resolve();
    await clock.advance(2_000);
    await Promise.all([starting, stopping]);
    expect(scheduler.isSubscribed).toBe(false);
  });

  it("[SDK-36] does not subscribe when it is stopped while it tells the store of itself", async () => {
    const { promise, resolve } = deferred<void>();
    store.beats = promise;
    const starting = scheduler.start();
    await clock.advance(100);
    const stopping = scheduler.stop({ graceMs: 1_000 });
    resolve();
    await clock.advance(2_000);
    await Promise.all([starting, stopping]);
    expect(queue.isConsumed).toBe(false);
  });

  it("[SDK-29] is cancelled before the store is told that it drains, and says goodbye last", async () => {
    await scheduler.start();
    const { promise, resolve } = deferred<void>();
    store.beats = promise;
    const stopping = scheduler.stop({ graceMs: 1_000 });
    await clock.advance(500);
    expect(await queue.ready("hello")).toBe(0);
    await queue.publish({ id: "x", scheduler: "hello", body: "{}", token: "t", scheduledAt: 0, attempt: 0 });
    // Nobody takes it, although the store has not answered yet.
    expect(await queue.ready("hello")).toBe(1);
    expect(store.told).toEqual(["beat active", "beat draining"]);
    resolve();
    await clock.advance(2_000);
    await stopping;
    expect(store.told).toEqual(["beat active", "beat draining", "leave"]);
  });

  it("[SDK-29] gives up connecting at once when its signal has fired before", async () => {
    const signal = AbortSignal.abort();
    const connecting = connectScheduler({ name: "hello", runtime: new InlineRuntime({}), signal });
    await expect(connecting).rejects.toMatchObject({ code: "closed" });
  });
});
