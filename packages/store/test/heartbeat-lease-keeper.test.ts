import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import type { HeartbeatAnswer, LeaseSignal, Owner, StopHint } from "@mayfly/store";
import { HeartbeatLeaseKeeper, StoreError } from "@mayfly/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const leaseMs = 6_000;
const instance = "hello@host:1:aaaaaa";

/** A store whose answers a test decides. */
class ScriptedStore {
  readonly beats: (readonly Owner[])[] = [];
  answer: (owner: Owner) => HeartbeatAnswer = () => ({ answer: "ok", remainingMs: 1 });
  /** Runs before each answer; may fail or hang. */
  before: () => Promise<void> = async () => undefined;
  failsToListen = false;
  readonly #listening = new Set<symbol>();
  tell: (stop: StopHint) => void = () => undefined;

  get listeners(): number {
    return this.#listening.size;
  }

  async heartbeat(owners: readonly Owner[]): Promise<readonly HeartbeatAnswer[]> {
    this.beats.push(owners);
    await this.before();
    return owners.map((owner) => this.answer(owner));
  }

  async watchStops(_instance: string, listener: (stop: StopHint) => void): Promise<{ close(): void }> {
    if (this.failsToListen) throw new StoreError("unavailable", "The store is away.");
    const listening = Symbol();
    this.#listening.add(listening);
    this.tell = listener;
    return { close: () => void this.#listening.delete(listening) };
  }
}

let clock: ManualClock;
let store: ScriptedStore;
let logger: RecordingLogger;
let told: [string, number, LeaseSignal][];
let onSignal: (owner: Owner, signal: LeaseSignal) => void;
let keeper: HeartbeatLeaseKeeper;
let hung: (() => void)[];

beforeEach(() => {
  clock = new ManualClock();
  store = new ScriptedStore();
  logger = new RecordingLogger();
  told = [];
  hung = [];
  onSignal = ({ id, attempt }, signal) => void told.push([id, attempt, signal]);
  keeper = open();
});
afterEach(async () => {
  await keeper.close();
  expect(clock.pendingTimers).toBe(0);
  expect(store.listeners).toBe(0);
});

function open(): HeartbeatLeaseKeeper {
  return new HeartbeatLeaseKeeper({
    store,
    clock,
    logger,
    instance,
    leaseMs,
    onSignal: (owner, signal) => onSignal(owner, signal),
  });
}

function owner(id: string, attempt = 1): Owner {
  return { id, attempt, token: `token of ${id}/${attempt}`, scheduledAt: 0 };
}

/** Lets what the store was asked wait until {@link releaseHung}. */
function hang(): Promise<void> {
  return new Promise((resolve) => hung.push(resolve));
}

function releaseHung(): void {
  for (const release of hung.splice(0)) release();
}

/** Adds a task that was claimed just now. */
function add(id: string, attempt = 1): Owner {
  const added = owner(id, attempt);
  keeper.add(added, clock.monotonicMs());
  return added;
}

describe("renewing", () => {
  it("[STORE-36] renews every sixth of a lease, until the task is removed", async () => {
    const first = add("a");
    await clock.advance(leaseMs);
    expect(store.beats).toEqual(Array.from({ length: 6 }, () => [first]));
    const second = add("b");
    keeper.remove(first);
    keeper.remove(first);
    await clock.advance(leaseMs / 6);
    expect(store.beats.slice(6)).toEqual([[second]]);
    expect(told).toEqual([]);
  });

  it("[STORE-36] renews at most 100 at a time", async () => {
    for (let index = 0; index < 250; index++) add(`task ${index}`);
    await clock.advance(leaseMs / 6);
    expect(store.beats.map((owners) => owners.length)).toEqual([100, 100, 50]);
    expect(new Set(store.beats.flat().map(({ id }) => id)).size).toBe(250);
  });

  it("[STORE-36] asks nothing when it keeps nothing", async () => {
    keeper.remove(add("a"));
    await clock.advance(10 * leaseMs);
    expect(store.beats).toEqual([]);
  });

  it("[STORE-36] keeps a lease that is added twice once, and leaves it when another owner is removed", async () => {
    const added = add("a");
    keeper.add(added, clock.monotonicMs());
    keeper.remove({ ...added, token: "another" });
    keeper.remove(owner("a", 2));
    await clock.advance(leaseMs / 6);
    expect(store.beats).toEqual([[added]]);
  });

  it("[STORE-36] keeps the lease of an owner beside that of an earlier one of the same attempt, whom a wipe left", async () => {
    const early = add("a");
    const late = { ...early, token: "of a claim after the wipe" };
    keeper.add(late, clock.monotonicMs());
    store.answer = ({ token }) => (token === early.token ? { answer: "stale" } : { answer: "ok", remainingMs: 1 });
    await clock.advance(leaseMs);
    expect(told).toEqual([["a", 1, "stale"]]);
    expect(store.beats.at(-1)).toEqual([late]);
    store.tell({ stop: "abort", id: "a", attempt: 1 });
    expect(told.slice(1)).toEqual([["a", 1, "abort"]]);
  });

  it("[STORE-36] does not ask again while it waits for an answer, unless that hangs", async () => {
    store.before = hang;
    add("a");
    await clock.advance(leaseMs / 3);
    expect(store.beats).toHaveLength(1);
    store.before = async () => undefined;
    await clock.advance(leaseMs / 6);
    expect(store.beats).toHaveLength(2);
    await clock.advance(3 * leaseMs);
    expect(told).toEqual([]);
    releaseHung();
  });
});

describe("signals", () => {
  it("[STORE-36] tells an abort once, and goes on renewing", async () => {
    store.answer = () => ({ answer: "stop", remainingMs: 1 });
    const added = add("a");
    await clock.advance(2 * leaseMs);
    store.tell({ stop: "abort", id: "a", attempt: 1 });
    expect(told).toEqual([["a", 1, "abort"]]);
    expect(store.beats).toHaveLength(12);
    expect(store.beats.at(-1)).toEqual([added]);
  });

  it("[STORE-36] tells a hint at once, and a timeout ends the lease", async () => {
    add("a");
    add("b");
    store.tell({ stop: "abort", id: "a", attempt: 1 });
    store.tell({ stop: "timeout", id: "b", attempt: 1 });
    store.tell({ stop: "timeout", id: "b", attempt: 1 });
    expect(told).toEqual([
      ["a", 1, "abort"],
      ["b", 1, "timeout"],
    ]);
    await clock.advance(leaseMs / 6);
    expect(store.beats.map((owners) => owners.map(({ id }) => id))).toEqual([["a"]]);
  });

  it.each(["stale", "gone"] as const)("[STORE-36] tells %s once, and ends that lease only", async (answer) => {
    store.answer = ({ id }) => (id === "a" ? { answer } : { answer: "ok", remainingMs: 1 });
    add("a");
    add("b");
    await clock.advance(2 * leaseMs);
    expect(told).toEqual([["a", 1, answer]]);
    expect(store.beats.at(-1)?.map(({ id }) => id)).toEqual(["b"]);
  });

  it("[STORE-36] tells nothing about a task that was removed while it was asked for", async () => {
    store.answer = () => ({ answer: "stale" });
    const added = add("a");
    store.before = async () => keeper.remove(added);
    await clock.advance(leaseMs / 6);
    expect(store.beats).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it("[STORE-36] goes on when a signal is not taken", async () => {
    onSignal = () => {
      throw new Error("no");
    };
    add("a");
    add("b");
    store.answer = ({ id }) => (id === "a" ? { answer: "stop", remainingMs: 1 } : { answer: "stale" });
    await clock.advance(leaseMs);
    expect(logger.entries.filter(({ level }) => level === "error")).toHaveLength(2);
    expect(store.beats).toHaveLength(6);
  });

  it("[STORE-38] ignores a stop for another attempt", async () => {
    add("a", 2);
    store.tell({ stop: "timeout", id: "a", attempt: 1 });
    store.tell({ stop: "abort", id: "a", attempt: 3 });
    await clock.advance(0);
    expect(told).toEqual([]);
  });

  it("[STORE-38] remembers a stop for a task that it does not know yet, for 5 s and for that attempt", async () => {
    for (const id of ["a", "b", "c"]) store.tell({ stop: "abort", id, attempt: 1 });
    await clock.advance(4_999);
    add("a");
    add("b", 2);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([["a", 1, "abort"]]);
    add("c");
    await clock.advance(0);
    expect(told).toEqual([["a", 1, "abort"]]);
  });
});

describe("fencing", () => {
  const fenceMs = (leaseMs * 5) / 6;

  it("[STORE-37] fences a task whose renewals are refused, a sixth before its lease ends", async () => {
    add("a");
    await clock.advance(2 * leaseMs);
    store.before = () => Promise.reject(new StoreError("unavailable", "The store is away."));
    await clock.advance(fenceMs - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([["a", 1, "fenced"]]);
    const asked = store.beats.length;
    await clock.advance(leaseMs);
    expect(told).toHaveLength(1);
    expect(store.beats).toHaveLength(asked);
    expect(logger.entries.every(({ level }) => level === "warn")).toBe(true);
  });

  it("[STORE-37] fences a task while its renewal hangs", async () => {
    store.before = hang;
    add("a");
    await clock.advance(fenceMs - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([["a", 1, "fenced"]]);
    releaseHung();
  });

  it("[STORE-37] counts from when the claim was sent", async () => {
    store.before = () => Promise.reject(new StoreError("unavailable", "The store is away."));
    await clock.advance(1_000);
    keeper.add(owner("a"), clock.monotonicMs() - 1_000);
    keeper.add(owner("late"), clock.monotonicMs() - leaseMs);
    await clock.advance(0);
    expect(told).toEqual([["late", 1, "fenced"]]);
    await clock.advance(fenceMs - 1_001);
    expect(told).toHaveLength(1);
    await clock.advance(1);
    expect(told.at(-1)).toEqual(["a", 1, "fenced"]);
  });

  it("[STORE-37] counts from when the answered heartbeat was sent, not from its answer", async () => {
    store.before = () => clock.sleep(leaseMs / 12);
    add("a");
    await clock.advance(leaseMs / 6 + leaseMs / 12);
    store.before = () => Promise.reject(new StoreError("unavailable", "The store is away."));
    await clock.advance(fenceMs - leaseMs / 12 - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([["a", 1, "fenced"]]);
  });

  it("[STORE-37] is not set back by the late answer of an earlier heartbeat", async () => {
    store.before = hang;
    add("a");
    await clock.advance(leaseMs / 2);
    expect(store.beats).toHaveLength(2);
    const [first, second] = hung;
    second?.();
    await clock.advance(0);
    first?.();
    store.before = () => Promise.reject(new StoreError("unavailable", "The store is away."));
    await clock.advance(fenceMs - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([["a", 1, "fenced"]]);
    releaseHung();
  });
});

describe("lifecycle", () => {
  it("[STORE-36] listens again when the store was away, and hears from then on", async () => {
    store.failsToListen = true;
    await using other = open();
    await clock.advance(leaseMs / 6);
    store.failsToListen = false;
    const before = store.listeners;
    await clock.advance(leaseMs / 6);
    expect(store.listeners).toBe(before + 1);
    other.add(owner("a"), clock.monotonicMs());
    store.tell({ stop: "abort", id: "a", attempt: 1 });
    expect(told).toEqual([["a", 1, "abort"]]);
  });

  it("[STORE-36] leaves nothing under way when it is closed, and tells nothing more", async () => {
    store.before = hang;
    store.answer = () => ({ answer: "stale" });
    add("a");
    await clock.advance(leaseMs / 6);
    let isClosed = false;
    const closing = Promise.all([keeper.close(), keeper.close()]).then(() => {
      isClosed = true;
    });
    store.tell({ stop: "abort", id: "a", attempt: 1 });
    await clock.advance(leaseMs);
    expect(isClosed).toBe(false);
    releaseHung();
    await closing;
    add("b");
    await clock.advance(leaseMs);
    expect(told).toEqual([]);
    expect(store.beats).toHaveLength(1);
  });

  it("[STORE-36] stops listening also when it is closed before it does", async () => {
    const other = open();
    await other[Symbol.asyncDispose]();
    expect(store.listeners).toBeLessThanOrEqual(1);
  });
});
