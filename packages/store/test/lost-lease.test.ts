import { ManualClock } from "@mayfly/service/testing";
import { type HeartbeatAnswer, HeartbeatLeaseKeeper, type LeaseSignal, type Owner } from "@mayfly/store";
import { afterEach, beforeEach, expect, it } from "vitest";

const leaseMs = 6_000;
const sixthMs = leaseMs / 6;
const owner: Owner = { id: "a", attempt: 1, token: "token", scheduledAt: 0 };

let clock: ManualClock;
let answer: HeartbeatAnswer;
let told: [number, LeaseSignal][];
let onLost: () => void;
let keeper: HeartbeatLeaseKeeper;

beforeEach(() => {
  clock = new ManualClock();
  answer = { answer: "lost" };
  told = [];
  onLost = () => undefined;
  const startMs = clock.monotonicMs();
  keeper = new HeartbeatLeaseKeeper({
    store: {
      heartbeat: async (owners) => owners.map(() => answer),
      watchStops: async () => ({ close: () => undefined }),
    },
    clock,
    instance: "hello@host:1:aaaaaa",
    leaseMs,
    onSignal: (_owner, signal) => {
      told.push([clock.monotonicMs() - startMs, signal]);
      if (signal === "lost") onLost();
    },
  });
  keeper.add(owner, startMs);
});
afterEach(async () => {
  await keeper.close();
  expect(clock.pendingTimers).toBe(0);
});

it("[STORE-55] tells a lost task with each heartbeat, and fences it when nobody restores it in time", async () => {
  await clock.advance(2 * leaseMs);
  expect(told).toEqual([
    [sixthMs, "lost"],
    [2 * sixthMs, "lost"],
    [3 * sixthMs, "lost"],
    [4 * sixthMs, "lost"],
    [5 * sixthMs, "fenced"],
  ]);
});

it("[STORE-55] counts anew from when a restore was sent", async () => {
  await clock.advance(sixthMs);
  keeper.renewed(owner, clock.monotonicMs());
  await clock.advance(leaseMs - sixthMs - 1);
  expect(told.filter(([, signal]) => signal === "fenced")).toEqual([]);
  await clock.advance(1);
  expect(told.at(-1)).toEqual([leaseMs, "fenced"]);
});

it("[STORE-55] counts from no restore that was sent before the last renewal, or by another owner", async () => {
  const startMs = clock.monotonicMs();
  await clock.advance(2 * sixthMs);
  keeper.renewed(owner, startMs - sixthMs);
  keeper.renewed({ ...owner, token: "another" }, clock.monotonicMs());
  keeper.renewed({ ...owner, attempt: 2 }, clock.monotonicMs());
  await clock.advance(leaseMs);
  expect(told.at(-1)).toEqual([5 * sixthMs, "fenced"]);
});

it("[STORE-55] goes on as before once the task is there again", async () => {
  onLost = () => {
    answer = { answer: "ok", remainingMs: 1 };
    keeper.renewed(owner, clock.monotonicMs());
  };
  await clock.advance(3 * leaseMs);
  answer = { answer: "stop", remainingMs: 1 };
  await clock.advance(sixthMs);
  expect(told).toEqual([
    [sixthMs, "lost"],
    [3 * leaseMs + sixthMs, "abort"],
  ]);
});

it("[STORE-55] tells nothing of a lost task that has been removed, and is ready from the start", async () => {
  await keeper.ready;
  keeper.remove(owner);
  keeper.renewed(owner, clock.monotonicMs());
  await clock.advance(leaseMs);
  expect(told).toEqual([]);
});
