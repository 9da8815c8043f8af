import { toInstant } from "@mayfly/task";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SchedulerError } from "../src/scheduler-error.ts";
import { stopped, World } from "./world.ts";

describe("Scheduler", () => {
  let world: World;

  beforeEach(async () => {
    world = await new World().open();
  });

  afterEach(() => world.close());

  describe("ends", () => {
    it("[SDK-1] runs a task once and keeps what its handler returned", async () => {
      const runs: string[] = [];
      await world.startScheduler({
        greet: (task, run) => {
          runs.push(task.id);
          return { greeting: `Hello, ${JSON.stringify(task.attributes["name"])}!`, attempt: run.attempt };
        },
      });
      const id = await world.schedule("greet", { name: "Ada" });
      await world.clock.advance(100);
      expect(await world.view(id)).toMatchObject({
        state: "done",
        outcome: "complete",
        attempt: 1,
        result: { greeting: 'Hello, "Ada"!', attempt: 1 },
      });
      expect(runs).toEqual([id]);
    });

    it("[SDK-2] says why a task failed or was rejected", async () => {
      await world.startScheduler({
        fail: () => {
          throw new Error("no luck");
        },
        reject: (_task, run) => run.reject("not with these attributes"),
      });
      const failed = await world.schedule("fail");
      const rejected = await world.schedule("reject");
      const unknown = await world.schedule("nobody");
      await world.clock.advance(100);
      expect(await world.view(failed)).toMatchObject({
        outcome: "aborted",
        reason: { code: "failed", message: "no luck" },
      });
      expect(await world.view(rejected)).toMatchObject({
        outcome: "aborted",
        reason: { code: "rejected", message: "not with these attributes" },
      });
      const reason = (await world.view(unknown)).reason;
      expect(reason?.code).toBe("rejected");
      expect(reason?.message).toContain("fail, reject");
    });

    it("[SDK-3] drops a result of more than 16 KiB and says so", async () => {
      await world.startScheduler({
        fits: () => "x".repeat(16_382),
        spills: () => "x".repeat(16_383),
      });
      const fits = await world.schedule("fits");
      const spills = await world.schedule("spills");
      await world.clock.advance(100);
      expect((await world.view(fits)).result).toHaveLength(16_382);
      const view = await world.view(spills);
      expect(view).toMatchObject({ outcome: "complete", resultDropped: true });
      expect(view.result).toBeUndefined();
    });

    it("[SDK-4] tells onEnd of the whole task and how it ended, and survives what onEnd throws", async () => {
      const ends: unknown[] = [];
      await world.startScheduler(
        { greet: () => "hi" },
        {
          onEnd: (task, view) => {
            ends.push([task.attributes, view.outcome, view.result]);
            throw new Error("onEnd is broken");
          },
        },
      );
      await world.schedule("greet", { name: "Ada" });
      await world.schedule("greet", { name: "Bob" });
      await world.clock.advance(100);
      expect(ends).toEqual([
        [{ handler: "greet", name: "Ada" }, "complete", "hi"],
        [{ handler: "greet", name: "Bob" }, "complete", "hi"],
      ]);
    });
  });

  describe("retry", () => {
    it("[SDK-5] runs a failed task again after a backoff that doubles, until its failures are used up", async () => {
      const startedAtMs: number[] = [];
      const fail = (): never => {
        startedAtMs.push(world.clock.monotonicMs());
        throw new Error(`failure ${startedAtMs.length}`);
      };
      await world.startScheduler({ fail }, { retry: { backoffMs: 10_000, maxAttempts: 3 } });
      const id = await world.schedule("fail");
      await world.clock.advance(60_000);
      expect(startedAtMs).toHaveLength(3);
      const [first = 0, second = 0, third = 0] = startedAtMs;
      expect(second - first).toBeGreaterThanOrEqual(8_000);
      expect(second - first).toBeLessThanOrEqual(13_000);
      expect(third - second).toBeGreaterThanOrEqual(16_000);
      expect(third - second).toBeLessThanOrEqual(25_000);
      expect(await world.view(id)).toMatchObject({
        outcome: "aborted",
        attempt: 3,
        reason: { code: "failed", message: "failure 3" },
      });
    });

    it("[SDK-5] does not retry what was rejected, nor past the timeout", async () => {
      await world.startScheduler(
        {
          reject: (_task, run) => run.reject("never"),
          fail: () => {
            throw new Error("too late to try again");
          },
        },
        { retry: { backoffMs: 10_000 } },
      );
      const rejected = await world.schedule("reject");
      const late = await world.schedule("fail", {}, { timeout: toInstant(world.clock.now() + 5_000) });
      await world.clock.advance(100);
      expect(await world.view(rejected)).toMatchObject({ outcome: "aborted", attempt: 1 });
      expect(await world.view(late)).toMatchObject({ outcome: "aborted", reason: { code: "failed" } });
    });
  });

  describe("stop signals", () => {
    it("[SDK-6] tells a running handler of an abort, and the task ends as requested", async () => {
      const codes: string[] = [];
      await world.startScheduler({
        wait: async (_task, run) => {
          codes.push(await stopped(run.signal));
          return "ignored";
        },
      });
      const id = await world.schedule("wait");
      await world.clock.advance(100);
      expect(await world.dispatcher.abort(id, { message: "enough" })).toMatchObject({ answer: "aborting" });
      await world.clock.advance(100);
      expect(codes).toEqual(["abort"]);
      const view = await world.view(id);
      expect(view).toMatchObject({
        state: "done",
        outcome: "aborted",
        reason: { code: "requested", message: "enough" },
      });
      expect(view.result).toBeUndefined();
    });

    it("[SDK-7] tells a running handler of the timeout; a complete that comes later does not count", async () => {
      const codes: string[] = [];
      const ends: (string | undefined)[] = [];
      await world.startScheduler(
        {
          wait: async (_task, run) => {
            codes.push(await stopped(run.signal));
            return "too late";
          },
        },
        { onEnd: (_task, view) => ends.push(view.outcome) },
      );
      const id = await world.schedule("wait", {}, { timeout: toInstant(world.clock.now() + 2_000) });
      await world.clock.advance(1_900);
      expect(codes).toEqual([]);
      await world.clock.advance(200);
      expect(codes).toEqual(["timeout"]);
      expect(await world.view(id)).toMatchObject({ state: "done", outcome: "timeout" });
      await world.clock.advance(1_000);
      expect(ends).toEqual(["timeout"]);
    });

    it("[SDK-8] ends an aborted task although its handler goes on, and keeps its slot taken until it returns", async () => {
      let letGo: () => void = () => undefined;
      const scheduler = await world.startScheduler(
        {
          stubborn: () => new Promise<void>((resolve) => (letGo = resolve)),
          greet: () => "hi",
        },
        { concurrency: 1, stopGraceMs: 3_000 },
      );
      const stubborn = await world.schedule("stubborn");
      const waits = await world.schedule("greet");
      await world.clock.advance(100);
      await world.dispatcher.abort(stubborn);
      await world.clock.advance(2_900);
      expect(await world.view(stubborn)).toMatchObject({ state: "aborting" });
      await world.clock.advance(200);
      expect(await world.view(stubborn)).toMatchObject({ state: "done", outcome: "aborted" });
      await world.clock.advance(30_000);
      expect(scheduler.running).toBe(1);
      expect(await world.view(waits)).toMatchObject({ state: "scheduled" });
      letGo();
      await world.clock.advance(100);
      expect(await world.view(waits)).toMatchObject({ outcome: "complete" });
    });
  });

  describe("load", () => {
    it("[SDK-9] runs no more than its slots at a time, and instances share the work", async () => {
      let running = 0;
      let most = 0;
      const handlers = {
        work: async () => {
          most = Math.max(most, ++running);
          await world.clock.sleep(100);
          running--;
        },
      };
      const first = await world.startScheduler(handlers, { concurrency: 2 });
      const second = await world.startScheduler(handlers, { concurrency: 2 });
      const ids = await Promise.all(Array.from({ length: 20 }, () => world.schedule("work")));
      await world.clock.advance(2_000);
      const views = await Promise.all(ids.map((id) => world.view(id)));
      expect(views.every((view) => view.outcome === "complete" && view.attempt === 1)).toBe(true);
      expect(new Set(views.map((view) => view.instance))).toEqual(new Set([first.instanceId, second.instanceId]));
      expect(most).toBe(4);
    });

    it("[SDK-10] shows its instance while it lives", async () => {
      const scheduler = await world.startScheduler({ wait: (_task, run) => stopped(run.signal) }, { concurrency: 3 });
      await world.schedule("wait");
      await world.clock.advance(6_000);
      expect((await world.dispatcher.findScheduler("hello"))?.instances).toMatchObject([
        { id: scheduler.instanceId, runtime: "inline", concurrency: 3, running: 1, state: "active" },
      ]);
      await world.during(scheduler.stop({ graceMs: 1_000 }));
      expect((await world.dispatcher.findScheduler("hello"))?.instances).toEqual([]);
    });
  });

  it("[SDK-19] refuses options that make no sense, all in one message", async () => {
    const bad = { name: "No Such Name", concurrency: 0, leaseMs: 1.5, retry: { backoffMs: -1 } };
    const make = (): Promise<unknown> => world.startScheduler({}, bad);
    for (const option of ["name", "concurrency", "leaseMs", "retry.backoffMs"])
      await expect(make()).rejects.toThrow(option);
    await expect(make()).rejects.toSatisfy(SchedulerError.is);
  });

  it("[SDK-11] stores the progress of a run, the last one at most once a second", async () => {
    await world.startScheduler({
      count: async (_task, run) => {
        for (let step = 1; step <= 30; step++) {
          run.progress({ step });
          await world.clock.sleep(100);
        }
        run.progress({ step: "x".repeat(5_000) });
        await stopped(run.signal);
      },
    });
    const id = await world.schedule("count");
    await world.clock.advance(50);
    expect((await world.view(id)).progress).toEqual({ step: 1 });
    await world.clock.advance(5_000);
    expect((await world.view(id)).progress).toEqual({ step: 30 });
    const { events } = await world.store.events({ limit: 100 });
    expect(events.filter(({ event }) => event.op === "progress").length).toBeLessThanOrEqual(5);
  });

  it("[SDK-11] keeps the last progress of a run that ends within the second", async () => {
    await world.startScheduler({
      hurry: (_task, run) => {
        for (const step of [1, 2, 3]) run.progress({ step });
      },
    });
    const id = await world.schedule("hurry");
    await world.clock.advance(50);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", progress: { step: 3 } });
  });

  it("[SDK-12] sends a message that is no task for it to the dead letters and goes on", async () => {
    await world.startScheduler({ greet: () => "hi" }, { concurrency: 1 });
    const good = await world.schedule("greet");
    for (const body of [
      "not JSON",
      '{"id":"x"}',
      JSON.stringify({ ...(await world.view(good)), scheduler: "other" }),
    ]) {
      await world.queue.publish({
        id: good,
        scheduler: "hello",
        body,
        token: "t",
        scheduledAt: world.clock.now(),
        attempt: 0,
      });
    }
    const next = await world.schedule("greet");
    await world.clock.advance(100);
    expect(await world.view(next)).toMatchObject({ outcome: "complete" });
    expect(world.logger.entries.filter((entry) => entry.message.includes("dead letters"))).toHaveLength(3);
  });
});
