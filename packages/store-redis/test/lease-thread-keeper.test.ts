import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import type { LeaseSignal, Owner } from "@mayfly/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseThreadKeeper } from "../src/lease-thread/lease-thread-keeper.ts";
import { FakeLeaseThreads } from "./fake-lease-thread.ts";

const leaseMs = 60_000;
const aliveMs = leaseMs / 6;
const fenceMs = leaseMs - leaseMs / 6;
/** The clock of all threads is not the test's: times that pass through it are this exact. */
const blurMs = 1_000;

let clock: ManualClock;
let threads: FakeLeaseThreads;
let logger: RecordingLogger;
let told: [string, LeaseSignal][];
let onSignal: (owner: Owner, signal: LeaseSignal) => void;
let keeper: LeaseThreadKeeper;

beforeEach(() => {
  clock = new ManualClock();
  threads = new FakeLeaseThreads(clock);
  logger = new RecordingLogger();
  told = [];
  onSignal = ({ id }, signal) => void told.push([id, signal]);
  keeper = new LeaseThreadKeeper({
    startThread: threads.start,
    aliveMs,
    clock,
    logger,
    instance: "hello@host:1:aaaaaa",
    leaseMs,
    onSignal: (owner, signal) => onSignal(owner, signal),
  });
});
afterEach(async () => {
  await keeper.close();
  expect(clock.pendingTimers).toBe(0);
});

/** Adds a task that was claimed just now. */
function add(id: string): Owner {
  const owner = { id, attempt: 1, token: `token of ${id}`, scheduledAt: 0 };
  keeper.add(owner, clock.monotonicMs());
  return owner;
}

/** Lets time pass with a thread that is alive and renews. */
async function live(forMs: number, ...owners: readonly Owner[]): Promise<void> {
  for (let passedMs = 0; passedMs < forMs; passedMs += aliveMs) {
    threads.last.say({ type: "alive" });
    threads.last.sayRenewed(...owners);
    threads.last.hear();
    await clock.advance(Math.min(aliveMs, forMs - passedMs));
  }
}

/** What the running thread was told to add, with the age of each claim in seconds. */
function added(): readonly (readonly [string, number])[] {
  return threads.last.added.map(([id, ageMs]) => [id, Math.round(ageMs / 1_000)] as const);
}

describe("a thread that renews", () => {
  it("[REDIS-40] is told which leases to keep, since when, and which no longer", async () => {
    const first = add("a");
    keeper.add(first, clock.monotonicMs());
    await clock.advance(5 * blurMs);
    keeper.add({ ...first, id: "b", token: "b" }, clock.monotonicMs() - 3 * blurMs);
    expect(added()).toEqual([
      ["a", 0],
      ["b", 3],
    ]);
    keeper.remove(first);
    keeper.remove(first);
    expect(threads.last.orders.slice(2)).toEqual([{ type: "remove", owner: first }]);
  });

  it("[REDIS-40] moves the fence of the main thread on with each renewal that it tells of", async () => {
    const [kept, other] = [add("a"), add("b")];
    await live(2 * leaseMs, kept);
    expect(told).toEqual([["b", "fenced"]]);
    keeper.remove(other);
    await clock.advance(fenceMs - aliveMs - blurMs);
    expect(told).toHaveLength(1);
    await clock.advance(blurMs);
    expect(told.at(-1)).toEqual(["a", "fenced"]);
  });

  it("[REDIS-45] is believed about each signal, once, and about a lost record each time", async () => {
    const [first, second] = [add("a"), add("b")];
    threads.last.say({ type: "signal", owner: first, signal: "abort" });
    threads.last.say({ type: "signal", owner: first, signal: "abort" });
    threads.last.say({ type: "signal", owner: first, signal: "lost" });
    threads.last.say({ type: "signal", owner: first, signal: "lost" });
    threads.last.say({ type: "signal", owner: second, signal: "stale" });
    threads.last.say({ type: "signal", owner: second, signal: "gone" });
    threads.last.say({ type: "signal", owner: { ...first, token: "another" }, signal: "stale" });
    threads.last.hear();
    expect(told).toEqual([
      ["a", "abort"],
      ["a", "lost"],
      ["a", "lost"],
      ["b", "stale"],
    ]);
    expect(threads.last.orders.at(-1)).toEqual({ type: "remove", owner: second });
  });

  it("[REDIS-45] goes on when a signal is not taken", () => {
    onSignal = () => {
      throw new Error("no");
    };
    threads.last.say({ type: "signal", owner: add("a"), signal: "abort" });
    threads.last.hear();
    expect(logger.entries).toMatchObject([{ level: "error", fields: { task: "a", signal: "abort", error: "no" } }]);
  });

  it("[REDIS-45] hears when the owner has restored a lost record, and the fence counts from then", async () => {
    const owner = add("a");
    threads.last.say({ type: "signal", owner, signal: "lost" });
    await clock.advance(2 * aliveMs);
    keeper.renewed(owner, clock.monotonicMs() - blurMs);
    keeper.renewed({ ...owner, token: "another" }, clock.monotonicMs());
    expect(threads.last.orders.slice(1)).toMatchObject([{ type: "renewed", owner }]);
    threads.last.say({ type: "alive" });
    await clock.advance(fenceMs - blurMs - 1);
    expect(told).toEqual([["a", "lost"]]);
    await clock.advance(1);
    expect(told.at(-1)).toEqual(["a", "fenced"]);
  });

  it("[REDIS-45] says in the log of the main thread what it has to say", () => {
    threads.last.say({ type: "log", level: "warn", fields: { tasks: 1 }, message: "Leases could not be renewed" });
    threads.last.hear();
    expect(logger.entries).toEqual([{ level: "warn", fields: { tasks: 1 }, message: "Leases could not be renewed" }]);
  });
});

describe("an event loop that stood still", () => {
  it("[REDIS-41] hears first what the thread has told meanwhile: a renewed lease is not fenced", async () => {
    const owner = add("a");
    await live(fenceMs - 1);
    threads.last.sayRenewed(owner);
    await clock.advance(1);
    expect(told).toEqual([]);
    await live(fenceMs - blurMs);
    expect(told).toEqual([]);
    await clock.advance(blurMs);
    expect(told).toEqual([["a", "fenced"]]);
  });

  it("[REDIS-41] fences at once what the thread has fenced meanwhile, and once only", async () => {
    const owner = add("a");
    threads.last.say({ type: "signal", owner, signal: "fenced" });
    await clock.advance(leaseMs);
    expect(told).toEqual([["a", "fenced"]]);
  });
});

describe("a thread that is no more", () => {
  it("[REDIS-42] is followed by another one, which gets all leases with their age", async () => {
    threads.last.say({ type: "ready" });
    threads.last.hear();
    const [first, second] = [add("a"), add("b")];
    keeper.remove(second);
    await live(aliveMs, first);
    const [dead] = threads.all;
    dead?.die("out of memory");
    expect(logger.entries).toMatchObject([{ level: "error", fields: { error: "out of memory" } }]);
    add("c");
    await clock.advance(100);
    expect(threads.all).toHaveLength(2);
    expect(added()).toEqual([
      ["a", aliveMs / 1_000],
      ["c", 0],
    ]);
    expect(dead?.orders.some((order) => order.type === "add" && order.owner.id === "c")).toBe(false);
    threads.last.say({ type: "signal", owner: first, signal: "abort" });
    threads.last.hear();
    expect(told).toEqual([["a", "abort"]]);
  });

  it("[REDIS-42] tells an abort only once when both have told it", async () => {
    threads.last.say({ type: "ready" });
    const owner = add("a");
    threads.last.say({ type: "signal", owner, signal: "abort" });
    threads.last.die(undefined);
    await clock.advance(100);
    threads.last.say({ type: "signal", owner, signal: "abort" });
    threads.last.hear();
    expect(told).toEqual([["a", "abort"]]);
  });

  it("[REDIS-42] is replaced when it has fallen silent, and its leases are fenced in time all the same", async () => {
    threads.last.say({ type: "ready" });
    threads.last.hear();
    add("a");
    const [silent] = threads.all;
    await clock.advance(3 * aliveMs - 1);
    expect(silent?.isTerminated).toBe(false);
    await clock.advance(1 + 100);
    expect(silent?.isTerminated).toBe(true);
    expect(threads.all).toHaveLength(2);
    await clock.advance(fenceMs - 3 * aliveMs - 101);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([["a", "fenced"]]);
  });

  it("[REDIS-42] has 30 s for its first word: a busy machine loads slowly", async () => {
    const often = new LeaseThreadKeeper({
      startThread: threads.start,
      aliveMs: 1_000,
      clock,
      logger,
      instance: "x",
      leaseMs,
      onSignal: () => undefined,
    });
    const slow = threads.last;
    await clock.advance(29_999);
    expect(slow.isTerminated).toBe(false);
    slow.say({ type: "alive" });
    await clock.advance(1);
    await clock.advance(2_999);
    expect(slow.isTerminated).toBe(false);
    await clock.advance(1);
    expect(slow.isTerminated).toBe(true);
    await expect(often.ready).rejects.toMatchObject({ code: "unavailable" });
    await often.close();
  });

  it("[REDIS-42] is not taken for silent while it only says that it is alive, or after this process was stopped", async () => {
    for (let looks = 0; looks < 10; looks++) {
      threads.last.say({ type: "alive" });
      await clock.advance(2 * aliveMs);
    }
    expect(threads.all).toHaveLength(1);
    expect(logger.entries).toEqual([]);
  });

  it("[REDIS-42] is followed at longer and longer intervals, spread by chance, while others end as well", async () => {
    threads.last.say({ type: "ready" });
    for (let ends = 0; ends < 20; ends++) {
      threads.last.die(undefined);
      await clock.advance(2_000);
    }
    expect(threads.all).toHaveLength(21);
    expect(logger.entries).toHaveLength(20);
  });
});

describe("readiness", () => {
  it("[REDIS-43] comes when the thread has connected", async () => {
    let isReady = false;
    void keeper.ready.then(() => {
      isReady = true;
    });
    threads.last.say({ type: "alive" });
    threads.last.hear();
    await clock.advance(0);
    expect(isReady).toBe(false);
    threads.last.say({ type: "ready" });
    threads.last.hear();
    await keeper.ready;
    await clock.advance(0);
    expect(isReady).toBe(true);
  });

  it("[REDIS-43] never comes when the first thread can never connect, and then no lease outlives its fence", async () => {
    add("a");
    threads.last.say({ type: "failed", code: "incompatible", message: "Redis lets nobody in." });
    threads.last.die(undefined);
    await expect(keeper.ready).rejects.toMatchObject({ code: "incompatible", message: "Redis lets nobody in." });
    await clock.advance(fenceMs);
    expect(told).toEqual([["a", "fenced"]]);
    expect(threads.all).toHaveLength(1);
  });

  it("[REDIS-43] never comes when the first thread ends by itself, or when the keeper is closed first", async () => {
    const other = new LeaseThreadKeeper({
      startThread: threads.start,
      aliveMs,
      clock,
      logger,
      instance: "x",
      leaseMs,
      onSignal: () => undefined,
    });
    threads.last.die("no such module");
    await expect(other.ready).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("no such module"),
    });
    await other.close();
    await keeper.close();
    await expect(keeper.ready).rejects.toMatchObject({ code: "closed" });
  });
});

describe("closing", () => {
  it("[REDIS-44] ends the thread in order and keeps the process alive for that long; nothing is told after it", async () => {
    const owner = add("a");
    const [thread] = threads.all;
    thread?.say({ type: "signal", owner, signal: "stale" });
    await Promise.all([keeper.close(), keeper.close()]);
    expect(thread).toMatchObject({ isHeld: true, isTerminated: false });
    add("b");
    await clock.advance(leaseMs);
    expect(told).toEqual([]);
    expect(threads.all).toHaveLength(1);
  });

  it("[REDIS-44] ends a thread that does not end by itself, after 3 s", async () => {
    threads.last.isStuck = true;
    const closing = keeper.close();
    await clock.advance(2_999);
    expect(threads.last.isTerminated).toBe(false);
    await clock.advance(1);
    await closing;
    expect(threads.last.isTerminated).toBe(true);
  });

  it("[REDIS-44] starts no other thread when the last one has just ended", async () => {
    threads.last.say({ type: "ready" });
    threads.last.die(undefined);
    await keeper.close();
    await clock.advance(leaseMs);
    expect(threads.all).toHaveLength(1);
  });
});
