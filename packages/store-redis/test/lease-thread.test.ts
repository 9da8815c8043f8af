import { RecordingLogger } from "@mayfly/service/testing";
import { systemClock } from "@mayfly/service";
import type { LeaseKeeper, LeaseSignal, Owner } from "@mayfly/store";
import { RedisStore } from "@mayfly/store-redis";
import { type RedisServer, startRedis } from "@mayfly/test-services";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LeaseThread, startLeaseThread } from "../src/lease-thread/lease-thread.ts";
import { LeaseThreadKeeper } from "../src/lease-thread/lease-thread-keeper.ts";
import { aPrefix, patience } from "./redis-harness.ts";
import { aClaimRequest, aScheduleRequest } from "./sample-request.ts";

/** Fenced after five sixths of it: longer than a machine stands still. */
const leaseMs = 4_500;
/** For a lease that must outlive a start of Redis or of a thread. */
const longMs = 12_000;
const instance = "hello@host:1:aaaaaa";

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.remove());

/** Blocks the event loop of this thread: nothing else of it runs meanwhile. */
function block(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}

/** A store, a keeper of its leases, and what that has told. */
class Kept implements AsyncDisposable {
  readonly signals: [string, LeaseSignal][] = [];
  readonly logger = new RecordingLogger();
  readonly prefix = aPrefix();
  readonly store = new RedisStore({ url: redis.url, prefix: this.prefix, logger: this.logger });
  readonly #keeps: (kept: Kept) => LeaseKeeper;
  #keeper: LeaseKeeper | undefined;

  constructor(
    keeps: (kept: Kept) => LeaseKeeper = ({ store, onSignal }) => store.keepLeases({ instance, leaseMs, onSignal }),
  ) {
    this.#keeps = keeps;
  }

  readonly onSignal = ({ id }: Owner, signal: LeaseSignal): void => void this.signals.push([id, signal]);

  async open(): Promise<this> {
    await this.store.open();
    this.#keeper = this.#keeps(this);
    return this;
  }

  get keeper(): LeaseKeeper {
    if (this.#keeper === undefined) throw new Error("It has not been opened.");
    return this.#keeper;
  }

  /** A task that runs and whose lease is kept. */
  async run(forMs: number = leaseMs): Promise<Owner> {
    const request = aScheduleRequest();
    await this.store.schedule(request);
    const claim = aClaimRequest(request, { leaseMs: forMs, instance });
    const sentAtMs = systemClock.monotonicMs();
    const answer = await this.store.claim(claim);
    if (answer.answer !== "granted") throw new Error(`claim answered ${answer.answer}`);
    const { scheduledAt } = claim.announcement;
    const owner = { id: request.task.id, attempt: answer.attempt, token: claim.token, scheduledAt };
    this.keeper.add(owner, sentAtMs);
    return owner;
  }

  /** The tasks whose lease has ended. */
  async recovered(): Promise<readonly string[]> {
    return (await this.store.recover({ shard: 0, limit: 100 })).ids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeper?.close();
    await this.store.close();
  }
}

/** Keeps leases in real threads, which the test can end. */
function keepInThreads(kept: Kept, threads: LeaseThread[], callTimeoutMs = 2_000): LeaseKeeper {
  // Longer than the fence: after a block of this thread nothing hears the other one before the fence itself does.
  const aliveMs = 10_000;
  return new LeaseThreadKeeper({
    instance,
    leaseMs,
    aliveMs,
    clock: systemClock,
    logger: kept.logger,
    onSignal: kept.onSignal,
    startThread(listener) {
      const thread = startLeaseThread(
        { store: { url: redis.url, prefix: kept.prefix, callTimeoutMs }, instance, leaseMs, aliveMs },
        listener,
      );
      threads.push(thread);
      return thread;
    },
  });
}

describe("a main thread that is blocked", { timeout: 60_000 }, () => {
  it("[REDIS-40] loses no lease, however long that takes", async () => {
    await using kept = await new Kept((self) => keepInThreads(self, [])).open();
    await kept.keeper.ready;
    const owner = await kept.run();
    block(3 * leaseMs);
    expect(await kept.recovered()).toEqual([]);
    expect(kept.signals).toEqual([]);
    expect(await kept.store.finish(owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
  });

  it("[REDIS-41] hears as soon as it goes on that its lease was fenced while Redis was away", async () => {
    await using kept = await new Kept().open();
    await kept.keeper.ready;
    const { id } = await kept.run();
    redis.pause();
    try {
      block(leaseMs);
      const timers = new Promise((resolve) => systemClock.setTimer(1, () => resolve([...kept.signals])));
      expect(await timers).toEqual([[id, "fenced"]]);
    } finally {
      redis.resume();
    }
    await vi.waitFor(() => kept.store.ping(), patience);
  });
});

describe("the thread", { timeout: 60_000 }, () => {
  it("[REDIS-42] loses no lease when it dies: the next one renews", async () => {
    const threads: LeaseThread[] = [];
    await using kept = await new Kept((self) => keepInThreads(self, threads)).open();
    await kept.keeper.ready;
    const owner = await kept.run();
    threads[0]?.terminate();
    await vi.waitFor(() => expect(threads).toHaveLength(2), patience);
    // Whether the next one is fast enough depends on the machine; if not, the owner has been told.
    const failure = expect.objectContaining({ level: "error" });
    await vi.waitFor(() => expect(kept.logger.entries).toContainEqual(failure), patience);
    await vi.waitFor(async () => {
      const [told] = kept.signals;
      if (told === undefined) expect(await kept.store.heartbeat([owner])).toMatchObject([{ answer: "ok" }]);
      else expect(told).toEqual([owner.id, "fenced"]);
    }, patience);
    const next = await kept.run();
    block(2 * leaseMs);
    expect(await kept.store.finish(next, { outcome: "complete" })).toMatchObject({ answer: "ended" });
  });

  it("[REDIS-46] goes on when Redis has been away for less than the fence", async () => {
    await using kept = await new Kept(({ store, onSignal }) =>
      store.keepLeases({ instance, leaseMs: longMs, onSignal }),
    ).open();
    await kept.keeper.ready;
    const owner = await kept.run(longMs);
    await redis.restart();
    block(longMs);
    await vi.waitFor(() => kept.store.ping(), patience);
    expect(await kept.store.finish(owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
    expect(kept.signals).toEqual([]);
  });

  it("[REDIS-44] ends although Redis does not answer what it has asked", async () => {
    await using kept = await new Kept((self) => keepInThreads(self, [], 600_000)).open();
    await kept.keeper.ready;
    await kept.run();
    redis.pause();
    try {
      block(leaseMs / 2);
      await kept.keeper.close();
    } finally {
      redis.resume();
    }
  });

  it("[REDIS-43] keeps what was added before it had connected", async () => {
    await using kept = await new Kept(({ store, onSignal }) =>
      store.keepLeases({ instance, leaseMs: longMs, onSignal }),
    ).open();
    const owners = [await kept.run(longMs), await kept.run(longMs)];
    await kept.keeper.ready;
    block(longMs);
    expect(await kept.recovered()).toEqual([]);
    expect(kept.signals).toEqual([]);
    expect(await kept.store.heartbeat(owners)).toMatchObject([{ answer: "ok" }, { answer: "ok" }]);
  });

  it("[REDIS-43] says why it can never connect, without the password", async () => {
    await using kept = await new Kept().open();
    const { logger, onSignal } = kept;
    const url = redis.url.replace("redis://", "redis://nobody:not-the-password@");
    await using keeper = new LeaseThreadKeeper({
      instance,
      leaseMs,
      aliveMs: 10_000,
      clock: systemClock,
      logger,
      onSignal,
      startThread: (listener) => startLeaseThread({ store: { url }, instance, leaseMs, aliveMs: 10_000 }, listener),
    });
    const failure: unknown = await keeper.ready.catch((error: unknown) => error);
    expect(failure, String(failure)).toMatchObject({ name: "StoreError", code: "incompatible" });
    expect(JSON.stringify(logger.entries)).not.toContain("not-the-password");
  });

  it("[REDIS-40] hears of an abort at once, and of a stale owner", async () => {
    await using kept = await new Kept().open();
    await kept.keeper.ready;
    const [first, second] = [await kept.run(), await kept.run()];
    await kept.store.abort(first.id, {});
    await kept.store.release(second, { cause: "give_back", delayMs: 60_000 });
    await vi.waitFor(() => expect(kept.signals).toHaveLength(2), patience);
    expect(kept.signals).toEqual(
      expect.arrayContaining([
        [first.id, "abort"],
        [second.id, "stale"],
      ]),
    );
  });
});
