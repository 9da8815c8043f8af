import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type Handler, InlineRuntime } from "@mayfly/runtime";
import { crashPointChannel } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Scheduler } from "../src/scheduler.ts";
import { announcedTask } from "./announced-task.ts";
import { CuttableStore } from "./cuttable-store.ts";
import { HandFedQueue } from "./hand-fed-queue.ts";

describe("the crash points of a scheduler", () => {
  const clock = new ManualClock();
  let store: CuttableStore;
  let queue: HandFedQueue;
  let scheduler: Scheduler | undefined;
  let steps: string[];
  const record = (step: unknown): void => void steps.push(String(step));

  beforeEach(() => {
    steps = [];
    store = new CuttableStore({ clock });
    queue = new HandFedQueue({ clock });
    subscribe(crashPointChannel, record);
  });

  afterEach(async () => {
    unsubscribe(crashPointChannel, record);
    const stopping = scheduler?.stop({ graceMs: 100 });
    await clock.advance(1_000);
    await stopping;
  });

  /** Delivers one task to a scheduler with this handler. */
  async function deliver(handler: Handler): Promise<void> {
    scheduler = new Scheduler({
      name: "hello",
      store,
      queue,
      clock,
      runtime: new InlineRuntime({ any: handler }, { clock }),
    });
    await scheduler.start();
    const message = await announcedTask(store, { handler: "any" }, clock.now() + 60_000);
    void queue.deliver(message, record);
  }

  const upToTheRun = ["scheduler.after_delivery", "owned", "scheduler.after_claim", "scheduler.after_start"];
  const fromTheEnd = ["scheduler.after_end", "scheduler.after_finish", "acknowledge"];

  it("[SDK-27] come in the order of its steps, each once, and the last one before the acknowledgement", async () => {
    await deliver(() => clock.sleep(1_000));
    await clock.advance(100);
    expect(steps).toEqual([...upToTheRun, "scheduler.while_running"]);
    await clock.advance(1_000);
    expect(steps).toEqual([...upToTheRun, "scheduler.while_running", ...fromTheEnd]);
  });

  it("[SDK-27] tell of a run while its work reports or says something, once", async () => {
    await deliver(async (_task, run) => {
      record("called");
      run.log("line");
      run.progress(1);
      record("reported");
      await clock.sleep(1_000);
      run.progress(2);
    });
    await clock.advance(2_000);
    expect(steps.filter((step) => /called|running|reported/.test(step))).toEqual([
      "called",
      "scheduler.while_running",
      "reported",
    ]);
  });

  it("[SDK-27] tell of the start only when what finds the work again is stored", async () => {
    store.cut.add("attach");
    await deliver(() => clock.sleep(10_000));
    await clock.advance(5_000);
    expect(steps).not.toContain("scheduler.after_start");
    store.cut.clear();
    await clock.advance(3_000);
    expect(steps).toContain("scheduler.after_start");
  });

  it("[SDK-27] tell of the end of work before the store knows", async () => {
    store.cut.add("finish");
    await deliver(() => undefined);
    await clock.advance(5_000);
    expect(steps.at(-1)).toBe("scheduler.after_end");
    store.cut.clear();
    await clock.advance(3_000);
    expect(steps.slice(-3)).toEqual(fromTheEnd);
  });
});
