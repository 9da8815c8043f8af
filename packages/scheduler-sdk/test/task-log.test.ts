import type { Result, RunContext, Runtime } from "@mayfly/runtime";
import { logCutMark, maxLogBytes } from "@mayfly/store";
import { toInstant } from "@mayfly/task";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdoptableRuntime, Environment } from "./adoptable-runtime.ts";
import { stopped, World } from "./world.ts";

const heading = "--- attempt 1, run 1 ---\n";

/** Tells what its work has said, like a runtime that reads an output: an owner that adopts it hears it from the beginning. */
class SayingRuntime extends AdoptableRuntime {
  override wait(handle: Parameters<AdoptableRuntime["wait"]>[0], run?: RunContext): Promise<Result> {
    run?.log("output of the work");
    return super.wait(handle);
  }
}

/** Tells what its work says from then on that its log does not have, as a runtime does that reads an output by its times. */
class TimedRuntime extends AdoptableRuntime {
  readonly runs: RunContext[] = [];

  override wait(handle: Parameters<AdoptableRuntime["wait"]>[0], run?: RunContext): Promise<Result> {
    if (run !== undefined) this.runs.push(run);
    return super.wait(handle);
  }
}

describe("the log of a task", () => {
  let world: World;

  beforeEach(async () => {
    world = await new World().open();
  });

  afterEach(() => world.close());

  /** All of the log as it stands. */
  async function log(id: string): Promise<string> {
    return (await world.store.readLog(id, { from: 0, limitBytes: 2 * maxLogBytes })).text;
  }

  /** Says that it has begun and, once it is told to stop, why. */
  async function untilStopped(_task: unknown, run: RunContext): Promise<void> {
    run.log("begun");
    run.log(`told to stop: ${await stopped(run.signal)}`);
  }

  it("[SDK-60] has what its handler says while it runs", async () => {
    await world.startScheduler({
      work: async (_task, run) => {
        run.log("one");
        await world.clock.sleep(2_000);
        run.log("two\nhalves");
        await stopped(run.signal);
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(600);
    expect(await log(id)).toBe(`${heading}one\n`);
    await world.clock.advance(2_000);
    expect(await log(id)).toBe(`${heading}one\ntwo\nhalves\n`);
    expect(await world.view(id)).toMatchObject({ state: "running" });
  });

  it("[SDK-60] is told to the logger of the scheduler too, for those who look for faults", async () => {
    await world.startScheduler({ work: (_task, run) => run.log("x".repeat(9_000)) });
    const id = await world.schedule("work");
    await world.clock.advance(100);
    const line = `${"x".repeat(8_192)} [cut]`;
    expect(world.logger.entries.filter(({ message }) => message === "task says")).toEqual([
      { level: "debug", message: "task says", fields: { task: id, attempt: 1, line } },
    ]);
    expect((await log(id)) === `${heading}${line}\n`).toBe(true);
  });

  it("[SDK-61, SDK-62] has what each attempt said, under a line that names it", async () => {
    await world.startScheduler(
      {
        fail: (_task, run) => {
          run.log(`trying for the ${run.attempt}. time`);
          throw new Error("no luck");
        },
      },
      { retry: { backoffMs: 1_000, maxAttempts: 2 } },
    );
    const id = await world.schedule("fail");
    await world.clock.advance(10_000);
    expect(await world.view(id)).toMatchObject({ outcome: "aborted", attempt: 2 });
    expect(await log(id)).toBe(`${heading}trying for the 1. time\n--- attempt 2, run 2 ---\ntrying for the 2. time\n`);
  });

  it("[SDK-61] is empty when its work said nothing", async () => {
    await world.startScheduler({ work: () => "silent" });
    const id = await world.schedule("work");
    await world.clock.advance(1_000);
    expect(await log(id)).toBe("");
    expect(world.store.asked.get("appendLog")).toBeUndefined();
  });

  it("[SDK-61, SDK-62] says of work that was adopted that it was, and keeps what was said before", async () => {
    const environment = new Environment();
    const saying = (): Runtime => new SayingRuntime({ environment, scope: "here" });
    const first = await world.startScheduler({}, { runtime: saying() });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    await world.during(first.stop({ graceMs: 2_000 }));
    await world.startScheduler({}, { runtime: saying() });
    await world.clock.advance(2_000);
    environment.endAll("adopted");
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 2 });
    expect(await log(id)).toBe(`${heading}output of the work\n--- attempt 2, run 1, adopted ---\noutput of the work\n`);
  });

  it("[LOG-7] tells a run that is adopted until when it has what the work said", async () => {
    const environment = new Environment();
    const timed = (): TimedRuntime => new TimedRuntime({ environment, scope: "here" });
    const [first, second, third] = [timed(), timed(), timed()];
    const owner = await world.startScheduler({}, { runtime: first });
    const id = await world.schedule("any");
    await world.clock.advance(100);
    first.runs[0]?.log("one", { saidAt: 1_001 });
    first.runs[0]?.log("two", { saidAt: 1_002 });
    await world.during(owner.stop({ graceMs: 2_000 }));
    const next = await world.startScheduler({}, { runtime: second });
    await world.clock.advance(2_000);
    await world.during(next.stop({ graceMs: 2_000 }));
    await world.startScheduler({}, { runtime: third });
    await world.clock.advance(2_000);
    // An owner that has said nothing leaves it as it was.
    const told = [first, second, third].map(({ runs }) => runs.map(({ loggedAt }) => loggedAt));
    expect(told).toEqual([[undefined], [1_002], [1_002]]);
    expect(await log(id)).toBe(`${heading}one\ntwo\n`);
  });

  it("[LOG-7] does not count for a run that is adopted what the store has not taken", async () => {
    const environment = new Environment();
    const [first, second] = [
      new TimedRuntime({ environment, scope: "here" }),
      new TimedRuntime({ environment, scope: "here" }),
    ];
    const owner = await world.startScheduler({}, { runtime: first });
    await world.schedule("any");
    await world.clock.advance(100);
    first.runs[0]?.log("stored", { saidAt: 1 });
    await world.clock.advance(600);
    world.store.cut.add("appendLog");
    first.runs[0]?.log("not stored", { saidAt: 2 });
    await world.during(owner.stop({ graceMs: 5_000 }));
    await world.startScheduler({}, { runtime: second });
    await world.clock.advance(2_000);
    expect(second.runs.map(({ loggedAt }) => loggedAt)).toEqual([1]);
  });

  it("[LOG-7] tells nothing to a run that is not adopted", async () => {
    const environment = new Environment();
    const [first, second] = [
      new TimedRuntime({ environment, scope: "here" }),
      new TimedRuntime({ environment, scope: "there" }),
    ];
    const owner = await world.startScheduler({}, { runtime: first });
    await world.schedule("any");
    await world.clock.advance(100);
    first.runs[0]?.log("said", { saidAt: 1 });
    await world.during(owner.stop({ graceMs: 2_000 }));
    await world.startScheduler({}, { runtime: second });
    await world.clock.advance(80_000);
    expect(second.runs).toMatchObject([{ number: 2 }]);
    expect(second.runs[0]?.loggedAt).toBeUndefined();
  });

  it("[SDK-62] has what was said just before the result", async () => {
    await world.startScheduler({
      work: (_task, run) => {
        run.log("one");
        run.log("two");
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(0);
    expect(await world.view(id)).toMatchObject({ outcome: "complete" });
    expect(await log(id)).toBe(`${heading}one\ntwo\n`);
  });

  it("[SDK-62] has what was said on being aborted", async () => {
    await world.startScheduler({ work: untilStopped });
    const id = await world.schedule("work");
    await world.clock.advance(100);
    await world.dispatcher.abort(id);
    await world.clock.advance(100);
    expect(await world.view(id)).toMatchObject({ outcome: "aborted" });
    expect(await log(id)).toBe(`${heading}begun\ntold to stop: abort\n`);
  });

  it("[SDK-62] has what was said on being given back", async () => {
    const scheduler = await world.startScheduler({
      work: async (task, run) => {
        await untilStopped(task, run);
        throw new Error("not done yet");
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(100);
    await world.during(scheduler.stop({ graceMs: 1_000 }));
    expect(await world.view(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    expect(await log(id)).toBe(`${heading}begun\ntold to stop: shutdown\n`);
  });

  it("[SDK-62] has what was said until the timeout", async () => {
    const timeoutMs = 2_000;
    await world.startScheduler({
      work: async (_task, run) => {
        await world.clock.sleep(timeoutMs - 100);
        run.log("just in time");
        // Longer than lines wait otherwise.
        await world.clock.sleep(3_000);
      },
    });
    const id = await world.schedule("work", {}, { timeout: toInstant(world.clock.now() + timeoutMs) });
    await world.clock.advance(5_000);
    expect(await world.view(id)).toMatchObject({ outcome: "timeout" });
    expect(await log(id)).toBe(`${heading}just in time\n`);
  });

  it("[SDK-64, SDK-65] changes nothing about the task when it cannot be stored", async () => {
    world.store.cut.add("appendLog");
    await world.startScheduler({
      work: async (_task, run) => {
        run.log("one");
        await world.clock.sleep(3_000);
        return "done";
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(3_000);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    await world.clock.advance(1_100);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", attempt: 1, result: "done" });
    expect(await log(id)).toBe("");
  });

  it("[SDK-66] is cut with a mark, and its owner sends no more of it", async () => {
    const line = "x".repeat(999);
    await world.startScheduler({
      work: async (_task, run) => {
        for (let piece = 0; piece < 1_000; piece++) {
          for (let count = 0; count < 100; count++) run.log(line);
          await world.clock.sleep(10);
        }
      },
    });
    const id = await world.schedule("work");
    await world.during(world.clock.sleep(11_000));
    expect(await world.view(id)).toMatchObject({ outcome: "complete" });
    const text = await log(id);
    expect(text.endsWith(logCutMark)).toBe(true);
    expect(text.length).toBe(maxLogBytes + logCutMark.length);
    expect(world.store.asked.get("appendLog")).toBeLessThan(20);
  });

  it("[SDK-67] goes on when the store has lost the task, which its owner writes back", async () => {
    await world.startScheduler({
      work: async (_task, run) => {
        run.log("before");
        await world.clock.sleep(1_000);
        run.log("after");
        await stopped(run.signal);
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(900);
    world.store.wipe();
    await world.clock.advance(700);
    expect(await world.view(id)).toMatchObject({ state: "running", attempt: 1 });
    expect(await log(id)).toBe("after\n");
  });

  it("[SDK-68] has nothing of an owner whose task went to another one", async () => {
    let letGo: () => void = () => undefined;
    await world.startScheduler({
      work: async (_task, run) => {
        run.log("begun");
        if (run.attempt > 1) return "done";
        await new Promise<void>((resolve) => (letGo = resolve));
        run.log("late");
        return "late";
      },
    });
    const id = await world.schedule("work");
    await world.clock.advance(1_000);
    world.store.cut.add("heartbeat");
    await world.clock.advance(40_000);
    letGo();
    await world.clock.advance(1_000);
    world.store.cut.clear();
    await world.clock.advance(5_000);
    expect(await world.view(id)).toMatchObject({ outcome: "complete", result: "done" });
    expect(await log(id)).not.toContain("late");
  });
});
