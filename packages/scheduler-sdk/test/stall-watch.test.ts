import type { Clock } from "@mayfly/service";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StallWatch } from "../src/stall-watch.ts";
import { World } from "./world.ts";

/** A clock on which the event loop can stand still: time passes, and no timer comes before its turn. */
class StallingClock implements Clock {
  readonly #clock: ManualClock;
  #stalledMs = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  stall(forMs: number): void {
    this.#stalledMs += forMs;
  }

  now(): number {
    return this.#clock.now() + this.#stalledMs;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs() + this.#stalledMs;
  }

  setTimer: Clock["setTimer"] = (delayMs, callback) => this.#clock.setTimer(delayMs, callback);
  sleep: Clock["sleep"] = (delayMs, options) => this.#clock.sleep(delayMs, options);
}

const fromMs = 5_000;
const message = "event loop blocked: run what computes without a pause in processes or in a pool of workers";

let manual: ManualClock;
let clock: StallingClock;
let logger: RecordingLogger;
let running: string[];
let watch: StallWatch;

beforeEach(() => {
  manual = new ManualClock();
  clock = new StallingClock(manual);
  logger = new RecordingLogger();
  running = [];
  watch = new StallWatch({ clock, logger, fromMs, running: () => running });
});
afterEach(() => {
  watch.stop();
  expect(manual.pendingTimers).toBe(0);
});

it("[SDK-50] warns once of a block, with its length and the tasks that ran", async () => {
  running = ["a", "b"];
  await manual.advance(700);
  running = ["b"];
  watch.note("c");
  clock.stall(8_000);
  await manual.advance(10_000);
  expect(logger.entries).toEqual([
    { level: "warn", message, fields: { blockedMs: 8_000, tasks: ["a", "b", "c"], of: 3 } },
  ]);
  clock.stall(fromMs);
  await manual.advance(500);
  expect(logger.entries.slice(1)).toMatchObject([{ fields: { blockedMs: fromMs, tasks: ["b"] } }]);
});

it("[SDK-50] says nothing of a block that is shorter, however many there are, nor of time that just passes", async () => {
  for (let blocks = 0; blocks < 20; blocks++) {
    clock.stall(fromMs - 1);
    await manual.advance(500);
  }
  await manual.advance(60_000);
  expect(logger.entries).toEqual([]);
});

it("[SDK-50] names twenty tasks at most, and says how many there were", async () => {
  for (let task = 0; task < 30; task++) watch.note(`task ${task}`);
  clock.stall(fromMs);
  await manual.advance(500);
  expect(logger.entries[0]?.fields["tasks"]).toHaveLength(20);
  expect(logger.entries[0]?.fields["of"]).toBe(30);
});

it("[SDK-51] belongs to a scheduler: a handler that blocks is named, although it has ended; after a stop nobody watches", async () => {
  const world = await new World().open();
  const blocked = new StallingClock(world.clock);
  const scheduler = await world.startScheduler(
    { block: () => blocked.stall(6_000) },
    { clock: blocked, leaseMs: 30_000 },
  );
  const id = await world.schedule("block");
  await world.clock.advance(1_000);
  expect(await world.view(id)).toMatchObject({ state: "done", outcome: "complete", attempt: 1 });
  const warnings = world.logger.entries.filter((entry) => entry.message === message);
  expect(warnings).toMatchObject([{ fields: { blockedMs: 6_000, tasks: [id], of: 1 } }]);
  await world.during(scheduler.stop());
  blocked.stall(60_000);
  await world.clock.advance(1_000);
  expect(world.logger.entries.filter((entry) => entry.message === message)).toHaveLength(1);
  await world.close();
});
