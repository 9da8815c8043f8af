import { InlineRuntime } from "@mayfly/runtime";
import { ManualClock } from "@mayfly/service/testing";
import { InMemoryStore } from "@mayfly/store";
import type { Announcement } from "@mayfly/task";
import { beforeEach, describe, expect, it } from "vitest";
import { Scheduler } from "../src/scheduler.ts";
import { announcedTask } from "./announced-task.ts";
import { HandFedQueue } from "./hand-fed-queue.ts";

/** A store that counts the beats it hears. */
class CountingStore extends InMemoryStore {
  beats = 0;

  override heartbeat(...given: Parameters<InMemoryStore["heartbeat"]>): ReturnType<InMemoryStore["heartbeat"]> {
    this.beats++;
    return super.heartbeat(...given);
  }
}

describe("a delivery", () => {
  let clock: ManualClock;
  let store: CountingStore;
  let queue: HandFedQueue;
  let scheduler: Scheduler;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new CountingStore({ clock });
    queue = new HandFedQueue({ clock });
    const runtime = new InlineRuntime({ greet: () => "hi" }, { clock });
    scheduler = new Scheduler({ name: "hello", store, queue, runtime, clock });
    await scheduler.start();
  });

  function announced(): Promise<Announcement> {
    return announcedTask(store, { handler: "greet" }, clock.now() + 60_000);
  }

  it("[SDK-1] is owned as soon as the store has answered, granted or not, and acknowledged when its handling has ended", async () => {
    const announcement = await announced();
    expect(await queue.deliver(announcement)).toEqual(["owned", "acknowledge"]);
    expect(await queue.deliver(announcement)).toEqual(["owned", "acknowledge"]);
  });

  it("[SDK-12] that is no task for it goes to the dead letters", async () => {
    expect(await queue.deliver({ ...(await announced()), body: "{}" })).toEqual(["drop", "acknowledge"]);
  });

  it("[SDK-15] that comes while it stops is given back, and the task is not claimed", async () => {
    const announcement = await announced();
    const stopping = scheduler.stop({ graceMs: 1_000 });
    await clock.advance(1);
    expect(await queue.deliver(announcement)).toEqual(["give back"]);
    expect(await store.find(announcement.id)).toMatchObject({ state: "scheduled" });
    await clock.advance(1_000);
    await stopping;
  });

  it("[SDK-1] whose work has ended is renewed no longer", async () => {
    await queue.deliver(await announced());
    await clock.advance(30_000);
    expect(store.beats).toBe(0);
  });
});
