import { randomUUID } from "node:crypto";
import { toInstant } from "@mayfly/task";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deferred } from "./deferred.ts";
import { stopped, World } from "./world.ts";

describe("a store that loses everything", () => {
  let world: World;
  let ends: (string | undefined)[];
  const onEnd = (_task: unknown, view: { readonly outcome?: string | undefined }): void => void ends.push(view.outcome);

  beforeEach(async () => {
    world = await new World().open();
    ends = [];
  });

  afterEach(() => world.close());

  /** A handler that returns after so long, and how often it was called. */
  function worker(forMs: number): { calls: number; work: () => Promise<string> } {
    const counted = {
      calls: 0,
      work: async () => {
        counted.calls++;
        await world.clock.sleep(forMs);
        return "done";
      },
    };
    return counted;
  }

  it("[SDK-20] runs what waits in the queue, made anew from its messages, each once", async () => {
    await world.dispatcher.register("hello", {});
    const ids = await Promise.all(Array.from({ length: 20 }, () => world.schedule("work")));
    world.store.wipe();
    const counted = worker(100);
    await world.startScheduler({ work: counted.work }, { onEnd });
    await world.clock.advance(2_000);
    for (const id of ids) {
      expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1, result: "done" });
      expect(await world.ends(id)).toEqual(["complete"]);
    }
    expect(counted.calls).toBe(20);
    expect(ends).toHaveLength(20);
    const warnings = world.logger.entries.filter(({ level, message }) => level === "warn" && /made anew/.test(message));
    expect(warnings).toHaveLength(20);
  });

  it("[SDK-21] goes on with what runs: its owner writes it back with all that it knew", async () => {
    const counted = worker(60_000);
    await world.startScheduler(
      {
        work: (_task, run) => {
          run.progress({ step: 1 });
          return counted.work();
        },
      },
      { onEnd },
    );
    const id = await world.schedule("work", { name: "Ada" });
    await world.clock.advance(12_000);
    const before = await world.view(id);
    world.store.wipe();
    await world.clock.advance(5_100);
    expect(await world.view(id)).toMatchObject({
      state: "running",
      attempt: 1,
      startedAt: before.startedAt,
      scheduledAt: before.scheduledAt,
      timeout: before.timeout,
      attributes: { handler: "work", name: "Ada" },
    });
    await world.clock.advance(60_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1, result: "done" });
    expect(await world.ends(id)).toEqual(["complete"]);
    expect([counted.calls, ends]).toEqual([1, ["complete"]]);
  });

  it("[SDK-21] keeps the lease of a task that was written back", async () => {
    await world.startScheduler({ work: (_task, run) => stopped(run.signal) });
    const id = await world.schedule("work");
    await world.clock.advance(100);
    world.store.wipe();
    await world.clock.advance(120_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
  });

  it("[SDK-21] is told of progress all the same", async () => {
    await world.startScheduler({
      work: async (_task, run) => {
        await world.clock.sleep(2_000);
        run.progress({ step: 2 });
        await stopped(run.signal);
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(1_000);
    world.store.wipe();
    await world.clock.advance(1_100);
    expect(await world.view(id)).toMatchObject({ state: "running", progress: { step: 2 } });
  });

  it("[SDK-21] counts its lease from when it was written back", async () => {
    const codes: string[] = [];
    await world.startScheduler({ wait: async (_task, run) => codes.push(await stopped(run.signal)) });
    const id = await world.schedule("wait");
    await world.clock.advance(1_000);
    world.store.wipe();
    world.store.cut.add("restore");
    await world.clock.advance(21_000);
    world.store.cut.delete("restore");
    world.store.cut.add("heartbeat");
    await world.clock.advance(20_000);
    expect(codes).toEqual([]);
    world.store.cut.clear();
    await world.clock.advance(60_000);
    expect([codes, await world.view(id)]).toMatchObject([[], { state: "running", attempt: 1 }]);
  });

  it("[SDK-21] is written back once, however often its loss is noticed meanwhile", async () => {
    await world.startScheduler({
      work: async (_task, run) => {
        for (let step = 0; step < 20; step++) {
          run.progress(step);
          await world.clock.sleep(1_000);
        }
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(100);
    const { promise, resolve } = deferred<void>();
    world.store.held.set("restore", promise);
    world.store.wipe();
    await world.clock.advance(16_000);
    expect(world.store.asked.get("restore")).toBe(1);
    resolve();
    await world.clock.advance(6_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1 });
  });

  it("[SDK-22] does not bring back what it has ended", async () => {
    await world.startScheduler({ stubborn: () => new Promise<never>(() => undefined) }, { stopGraceMs: 1_000, onEnd });
    world.store.cut.add("attach");
    const id = await world.schedule("stubborn");
    await world.clock.advance(100);
    await world.dispatcher.abort(id);
    await world.clock.advance(1_100);
    expect([await world.ends(id), ends]).toEqual([["abort"], ["aborted"]]);
    world.store.wipe();
    world.store.cut.clear();
    await world.clock.advance(60_000);
    expect(await world.store.find(id)).toBeUndefined();
    expect(ends).toEqual(["aborted"]);
  });

  it("[SDK-22] takes the result of a task that it has lost", async () => {
    const counted = worker(3_000);
    await world.startScheduler({ work: counted.work }, { onEnd });
    const id = await world.schedule("work");
    await world.clock.advance(1_000);
    world.store.wipe();
    await world.clock.advance(2_100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1, result: "done" });
    expect(await world.ends(id)).toEqual(["complete"]);
    await world.clock.advance(60_000);
    expect([counted.calls, ends]).toEqual([1, ["complete"]]);
  });

  it("[SDK-22] runs a failed task again that it has lost, and counts the failure", async () => {
    let calls = 0;
    await world.startScheduler(
      {
        fail: async () => {
          calls++;
          if (calls > 1) return "better";
          await world.clock.sleep(3_000);
          throw new Error("no luck");
        },
      },
      { retry: { backoffMs: 1_000, maxAttempts: 2 }, onEnd },
    );
    const id = await world.schedule("fail");
    await world.clock.advance(1_000);
    world.store.wipe();
    await world.clock.advance(10_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "better" });
    expect([calls, ends]).toEqual([2, ["complete"]]);
  });

  it("[SDK-22] gives back a task that it has lost, and it runs elsewhere", async () => {
    const first = await world.startScheduler({
      wait: async (_task, run) => {
        await stopped(run.signal);
        throw new Error("stopped in the middle");
      },
    });
    const id = await world.schedule("wait");
    await world.clock.advance(100);
    await world.startScheduler({ wait: (_task, run) => `run ${run.number}` }, { onEnd });
    const stopping = first.stop({ graceMs: 4_000 });
    world.store.wipe();
    await world.during(stopping);
    await world.clock.advance(1_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "run 2" });
    expect(ends).toEqual(["complete"]);
  });

  it("[SDK-23] tells the first owner when another one was made anew from a copy of the message", async () => {
    const codes: string[] = [];
    const wait = async (_task: unknown, run: { readonly signal: AbortSignal }): Promise<number> =>
      codes.push(await stopped(run.signal));
    await world.startScheduler({ wait }, { onEnd, concurrency: 1 });
    const id = await world.schedule("wait");
    await world.clock.advance(100);
    await world.startScheduler({ wait: () => world.clock.sleep(20_000).then(() => "from the second") }, { onEnd });
    world.store.wipe();
    await world.queue.redeliver(id);
    await world.clock.advance(1_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    await world.clock.advance(5_000);
    expect(codes).toEqual(["lost"]);
    await world.clock.advance(20_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", result: "from the second" });
    expect([await world.ends(id), ends]).toEqual([["complete"], ["complete"]]);
  });

  it("[SDK-23] takes no result of the first owner when another one was made anew", async () => {
    await world.startScheduler({ work: () => world.clock.sleep(3_000).then(() => "first") }, { onEnd, concurrency: 1 });
    const id = await world.schedule("work");
    await world.clock.advance(100);
    await world.startScheduler({ work: () => world.clock.sleep(20_000).then(() => "second") }, { onEnd });
    world.store.wipe();
    await world.queue.redeliver(id);
    await world.clock.advance(4_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    await world.clock.advance(20_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", result: "second" });
    expect([await world.ends(id), ends]).toEqual([["complete"], ["complete"]]);
  });

  it("[SDK-23] does not run a task twice when a copy of its message comes to its owner before the next heartbeat", async () => {
    const ended: string[] = [];
    const wait = async (_task: unknown, run: { readonly signal: AbortSignal }): Promise<void> => {
      ended.push(await Promise.race([stopped(run.signal), world.clock.sleep(20_000).then(() => "by itself")]));
    };
    await world.startScheduler({ wait }, { onEnd });
    const id = await world.schedule("wait");
    await world.clock.advance(100);
    world.store.wipe();
    await world.queue.redeliver(id);
    await world.clock.advance(1_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    await world.clock.advance(20_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1 });
    expect([ended, await world.ends(id), ends]).toEqual([["by itself"], ["complete"], ["complete"]]);
  });

  it("[SDK-23] lets the first owner go on when it was written back before the copy came", async () => {
    const counted = worker(20_000);
    await world.startScheduler({ work: counted.work }, { onEnd });
    const id = await world.schedule("work");
    await world.clock.advance(100);
    world.store.wipe();
    await world.clock.advance(6_000);
    await world.queue.redeliver(id);
    await world.clock.advance(20_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1 });
    expect([counted.calls, ends]).toEqual([1, ["complete"]]);
  });

  it("[SDK-23] ends the work of the owner before when the lost task is scheduled again and comes to the same instance", async () => {
    const codes: string[] = [];
    let calls = 0;
    const wait = async (_task: unknown, run: { readonly signal: AbortSignal }): Promise<string> => {
      calls++;
      if (calls > 1) return world.clock.sleep(1_000).then(() => "second");
      codes.push(await stopped(run.signal));
      await world.clock.sleep(500);
      return "first";
    };
    await world.startScheduler({ wait }, { onEnd });
    const id = await scheduleAgain("wait");
    expect([calls, codes, await world.view(id)]).toMatchObject([1, ["lost"], { state: "running", attempt: 1 }]);
    await world.clock.advance(3_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1, result: "second" });
    expect([calls, await world.ends(id), ends]).toEqual([2, ["complete"], ["complete"]]);
  });

  it("[SDK-23] gives the task back when the work of the owner before does not end, and runs it as the next attempt", async () => {
    let calls = 0;
    const stubborn = (): Promise<string> => {
      calls++;
      return calls > 1 ? Promise.resolve("second") : new Promise(() => undefined);
    };
    await world.startScheduler({ stubborn }, { onEnd });
    const id = await scheduleAgain("stubborn");
    await world.clock.advance(9_000);
    expect([calls, await world.view(id)]).toMatchObject([1, { state: "running", attempt: 1 }]);
    await world.clock.advance(8_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "second" });
    expect([calls, await world.ends(id), ends]).toEqual([2, ["complete"], ["complete"]]);
  });

  /** Schedules a task that runs, is lost, and is scheduled again before its owner notices. */
  async function scheduleAgain(handler: string): Promise<string> {
    const task = { id: randomUUID(), scheduler: "hello", attributes: { handler } };
    await world.dispatcher.schedule(task);
    await world.clock.advance(100);
    world.store.wipe();
    await world.dispatcher.register("hello", {});
    await world.dispatcher.schedule(task);
    await world.clock.advance(100);
    return task.id;
  }

  it("[SDK-24] ends what has timed out meanwhile as a timeout, told once: running, waiting in the queue, or past its work", async () => {
    const codes: string[] = [];
    await world.startScheduler(
      { wait: async (_task, run) => codes.push(await stopped(run.signal)) },
      { concurrency: 1, onEnd },
    );
    const timeout = toInstant(world.clock.now() + 6_000);
    const runs = await world.schedule("wait", {}, { timeout });
    const waits = await world.schedule("wait", {}, { timeout });
    // After a heartbeat: the next one would come too late.
    await world.clock.advance(5_500);
    world.store.wipe();
    await world.clock.advance(10_000);
    expect(codes).toEqual(["timeout"]);
    for (const id of [runs, waits]) {
      expect(await world.view(id)).toMatchObject({ state: "done", outcome: "timeout" });
      expect(await world.ends(id)).toEqual(["timeout"]);
    }
    expect(ends).toEqual(["timeout", "timeout"]);
  });

  it("[SDK-24] takes no result that comes after the timeout of a lost task", async () => {
    await world.startScheduler({ work: () => world.clock.sleep(3_000).then(() => "late") }, { onEnd });
    const id = await world.schedule("work", {}, { timeout: toInstant(world.clock.now() + 4_000) });
    await world.clock.advance(1_000);
    world.store.cutAll();
    world.store.wipe();
    await world.clock.advance(4_000);
    world.store.cut.clear();
    await world.clock.advance(5_000);
    expect(await world.view(id)).toMatchObject({ state: "done", outcome: "timeout" });
    expect([await world.ends(id), ends]).toEqual([["timeout"], ["timeout"]]);
  });

  it("[SDK-25] gives back what it could not renew in time and the store has lost: nobody else has a copy", async () => {
    const codes: string[] = [];
    await world.startScheduler(
      {
        wait: async (_task, run) => {
          if (run.attempt > 1) return "again";
          codes.push(await stopped(run.signal));
          return "stopped";
        },
      },
      { onEnd },
    );
    const id = await world.schedule("wait");
    await world.clock.advance(1_000);
    world.store.cutAll();
    world.store.wipe();
    await world.clock.advance(60_000);
    expect(codes).toEqual(["lost"]);
    world.store.cut.clear();
    await world.clock.advance(5_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2, result: "again" });
    expect([await world.ends(id), ends]).toEqual([["complete"], ["complete"]]);
  });

  it("[SDK-26] knows of the scheduler and its instance again with the next beat", async () => {
    const registration = { description: "Greets." };
    const scheduler = await world.startScheduler({}, { registration });
    world.store.wipe();
    await world.clock.advance(5_100);
    expect(await world.store.findRegistration("hello")).toMatchObject(registration);
    expect(await world.store.instances("hello")).toMatchObject([{ id: scheduler.instanceId }]);
  });
});
