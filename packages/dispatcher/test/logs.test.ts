import { randomUUID } from "node:crypto";
import { InMemoryQueue } from "@mayfly/queue";
import { ManualClock } from "@mayfly/service/testing";
import { contentHash, InMemoryStore, type LogPage, type LogRequest, type Owner, StoreError } from "@mayfly/store";
import type { Announcement } from "@mayfly/task";
import { beforeEach, describe, expect, it } from "vitest";
import { Dispatcher, type DispatcherErrorCode, type LogPiece, type ReadLog } from "../src/index.ts";

/** A store that can be away, and tells what is read of its logs. */
class WatchedStore extends InMemoryStore {
  readonly reads: (LogRequest & { readonly atMs: number })[] = [];
  readonly #clock: ManualClock;
  isAway = false;

  constructor(clock: ManualClock) {
    super({ clock });
    this.#clock = clock;
  }

  override async readLog(id: string, request: LogRequest): Promise<LogPage> {
    this.reads.push({ ...request, atMs: this.#clock.monotonicMs() });
    if (this.isAway) throw new StoreError("unavailable", "The store is away.");
    return super.readLog(id, request);
  }
}

class WatchedQueue extends InMemoryQueue {
  readonly published: Announcement[] = [];

  override publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    this.published.push(message);
    return super.publish(message);
  }
}

/** Takes the pieces of a log as soon as they come. */
class Reader {
  readonly pieces: LogPiece[] = [];
  /** How it ended: undefined as long as it has not. */
  end: "end" | { readonly code: DispatcherErrorCode } | undefined;
  readonly ended: Promise<void>;

  constructor(pieces: AsyncIterable<LogPiece>) {
    this.ended = this.#read(pieces);
  }

  get text(): string {
    return this.pieces.map(({ text }) => text).join("");
  }

  async #read(pieces: AsyncIterable<LogPiece>): Promise<void> {
    try {
      for await (const piece of pieces) this.pieces.push(piece);
      this.end = "end";
    } catch (error) {
      this.end = error as { code: DispatcherErrorCode };
    }
  }
}

describe("Dispatcher.logs", () => {
  let clock: ManualClock;
  let store: WatchedStore;
  let queue: WatchedQueue;
  let dispatcher: Dispatcher;
  let owner: Owner;
  let id: string;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new WatchedStore(clock);
    queue = new WatchedQueue({ clock });
    await Promise.all([store.open(), queue.open()]);
    dispatcher = new Dispatcher({ store, queue, clock, retentionMs: 60_000, maxFollowers: 2 });
    await dispatcher.register("hello", {});
    owner = await running();
    ({ id } = owner);
  });

  async function running(): Promise<Owner> {
    const { task } = await dispatcher.schedule({ scheduler: "hello", attributes: {} });
    const announcement = queue.published.at(-1) as Announcement;
    const token = randomUUID();
    const granted = await store.claim({
      announcement,
      contentHash: contentHash({ scheduler: "hello", attributes: {} }),
      timeout: Date.parse(task.timeout),
      token,
      instance: "hello@host:1",
      leaseMs: 3_600_000,
      maxAttempts: 3,
    });
    if (granted.answer !== "granted") expect.fail(`claim answered ${granted.answer}`);
    return { id: task.id, attempt: granted.attempt, token, scheduledAt: announcement.scheduledAt };
  }

  function read(options?: ReadLog, of = id): Reader {
    return new Reader(dispatcher.logs(of, options));
  }

  async function finish(): Promise<void> {
    await store.finish(owner, { outcome: "complete" });
  }

  describe("of what is there", () => {
    it("[DISP-14] gives one piece of an empty log, and says whether the task is done", async () => {
      const first = read();
      await first.ended;
      expect(first).toMatchObject({ end: "end", pieces: [{ text: "", next: 0, isEnded: false }] });
      await finish();
      const second = read();
      await second.ended;
      expect(second.pieces).toEqual([{ text: "", next: 0, isEnded: true }]);
    });

    it("[DISP-14] gives a log of any length in pieces of whole characters, from any place on", async () => {
      const text = "aä€😀".repeat(30_000);
      await store.appendLog(owner, text);
      for (const [from, rest] of [
        [0, text],
        [1, text.slice(1)],
        [2, text.slice(2)],
        [Buffer.byteLength(text), ""],
        [9_999_999, ""],
      ] as const) {
        const reader = read({ from });
        await reader.ended;
        expect(reader.text === rest).toBe(true);
        expect(reader.pieces.at(-1)).toMatchObject({ next: Buffer.byteLength(text), isEnded: false });
        expect(reader.pieces.every((piece) => Buffer.byteLength(piece.text) <= 65_536)).toBe(true);
      }
      expect(clock.pendingTimers).toBe(0);
    });

    it("[DISP-14] knows no log of a task that there is not, or is not remembered", async () => {
      const never = read({}, randomUUID());
      await never.ended;
      expect(never).toMatchObject({ pieces: [], end: { code: "unknown_task" } });
      await finish();
      // Beyond its timeout, until which a store that is new remembers it in any case.
      await clock.advance(7 * 3_600_000);
      for (const follow of [true, false]) {
        const late = read({ follow });
        await late.ended;
        expect(late).toMatchObject({ pieces: [], end: { code: "unknown_task" } });
      }
    });

    it("[DISP-14] fails at once while the store is away", async () => {
      store.isAway = true;
      for (const follow of [true, false]) {
        const reader = read({ follow });
        await reader.ended;
        expect(reader).toMatchObject({ pieces: [], end: { code: "store_unavailable" } });
      }
      store.isAway = false;
      await store.appendLog(owner, "x".repeat(100_000));
      const cut = dispatcher.logs(id);
      await cut.next();
      store.isAway = true;
      await expect(cut.next()).rejects.toMatchObject({ code: "store_unavailable" });
    });
  });

  describe("followed", () => {
    it("[DISP-15] gives what comes, as it comes, until the task is done", async () => {
      await store.appendLog(owner, "one\n");
      const reader = read({ follow: true });
      await clock.advance(0);
      expect(reader.pieces).toEqual([{ text: "one\n", next: 4, isEnded: false }]);
      await clock.advance(10_000);
      await store.appendLog(owner, "zwölf\n");
      await clock.advance(2_000);
      expect(reader.pieces.slice(1)).toEqual([{ text: "zwölf\n", next: 11, isEnded: false }]);
      await store.appendLog(owner, "last\n");
      await finish();
      await clock.advance(500);
      expect(reader.pieces.slice(2)).toEqual([{ text: "last\n", next: 16, isEnded: true }]);
      expect(reader.end).toBe("end");
      expect(clock.pendingTimers).toBe(0);
    });

    it("[DISP-15] begins with a piece at once, also from beyond the end, and ends with one", async () => {
      await store.appendLog(owner, "one\n");
      const reader = read({ follow: true, from: 400 });
      await clock.advance(0);
      expect(reader.pieces).toEqual([{ text: "", next: 4, isEnded: false }]);
      await finish();
      await clock.advance(250);
      expect(reader).toMatchObject({ pieces: [{}, { text: "", next: 4, isEnded: true }], end: "end" });
    });

    it("[DISP-15] looks often while text comes, every 2 seconds when none does, and does not pause in between pieces", async () => {
      const reader = read({ follow: true });
      await clock.advance(8_000);
      expect(pauses()).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000]);
      store.reads.length = 0;
      await store.appendLog(owner, "x".repeat(200_000));
      await clock.advance(4_000);
      expect(pauses()).toEqual([0, 0, 0, 250, 500, 1_000]);
      expect(reader.text).toHaveLength(200_000);
    });

    it("[DISP-16] goes on where it was when a store that was away is back", async () => {
      const reader = read({ follow: true });
      await store.appendLog(owner, "one\n");
      await clock.advance(1_000);
      store.isAway = true;
      await clock.advance(29_000);
      store.isAway = false;
      await store.appendLog(owner, "two\n");
      await clock.advance(2_000);
      expect(reader).toMatchObject({ text: "one\ntwo\n", end: undefined });
      store.isAway = true;
      await clock.advance(29_000);
      expect(reader.end).toBeUndefined();
      await clock.advance(5_000);
      expect(reader.end).toMatchObject({ code: "store_unavailable" });
    });

    it("[DISP-16] gives a task time to come back that the store has lost", async () => {
      const reader = read({ follow: true });
      await clock.advance(1_000);
      store.isAway = true;
      await clock.advance(1_000);
      store.isAway = false;
      const gone = { text: "", next: 0, isEnded: true, isKnown: false };
      const readLog = store.readLog.bind(store);
      store.readLog = async () => gone;
      await clock.advance(20_000);
      store.readLog = readLog;
      await store.appendLog(owner, "back\n");
      await clock.advance(2_000);
      expect(reader).toMatchObject({ text: "back\n", end: undefined });
      store.readLog = async () => gone;
      await clock.advance(35_000);
      expect(reader.end).toMatchObject({ code: "unknown_task" });
    });

    it("[HTTP-25] gives a task that is lost time to come back before it tells a reader who resumes that there is none", async () => {
      await store.appendLog(owner, "one\ntwo\n");
      const readLog = store.readLog.bind(store);
      const gone = { text: "", next: 0, isEnded: true, isKnown: false };
      store.readLog = async () => gone;
      const [resumed, fresh, unfollowed] = [read({ follow: true, from: 4 }), read({ follow: true }), read({ from: 4 })];
      await Promise.all([fresh.ended, unfollowed.ended]);
      for (const { end } of [fresh, unfollowed]) expect(end).toMatchObject({ code: "unknown_task" });
      await clock.advance(8_000);
      expect(resumed).toMatchObject({ pieces: [], end: undefined });
      store.readLog = readLog;
      await clock.advance(2_000);
      expect(resumed).toMatchObject({ text: "two\n", end: undefined });
      // From its first piece on it has the patience of all followers.
      store.readLog = async () => gone;
      await clock.advance(29_000);
      expect(resumed.end).toBeUndefined();
      store.readLog = readLog;
      await finish();
      await clock.advance(2_000);
      expect(resumed.end).toBe("end");

      store.readLog = async () => gone;
      const late = read({ follow: true, from: 4 });
      await clock.advance(9_000);
      expect(late.end).toBeUndefined();
      await clock.advance(3_000);
      expect(late).toMatchObject({ pieces: [], end: { code: "unknown_task" } });
      expect(clock.pendingTimers).toBe(0);
    });

    it("[HTTP-25] ends at once, and holds no place, when the signal of a reader who resumes fires before its first piece", async () => {
      const leaving = new AbortController();
      store.isAway = true;
      const resumed = [1, 2].map(() => read({ follow: true, from: 4, signal: leaving.signal }));
      await clock.advance(1_000);
      leaving.abort();
      await Promise.all(resumed.map(({ ended }) => ended));
      for (const reader of resumed) expect(reader).toMatchObject({ pieces: [], end: "end" });
      expect(clock.pendingTimers).toBe(0);
      store.isAway = false;
      const next = read({ follow: true, from: 4 });
      await clock.advance(0);
      expect(next.pieces).toHaveLength(1);
      await finish();
      await clock.advance(2_000);
    });

    it("[DISP-17] reads no more than is taken", async () => {
      await store.appendLog(owner, "x".repeat(300_000));
      const pieces = dispatcher.logs(id, { follow: true });
      await pieces.next();
      await clock.advance(60_000);
      expect(store.reads).toHaveLength(1);
      await pieces.next();
      expect(store.reads).toHaveLength(2);
      await pieces.return();
      await clock.advance(60_000);
      expect(store.reads).toHaveLength(2);
    });

    it("[DISP-17] ends at once, without an error, when its signal fires", async () => {
      const leaving = new AbortController();
      const reader = read({ follow: true, signal: leaving.signal });
      await clock.advance(3_000);
      leaving.abort();
      await reader.ended;
      expect(reader).toMatchObject({ end: "end", pieces: [{ isEnded: false }] });
      expect(clock.pendingTimers).toBe(0);
      const late = read({ follow: true, signal: leaving.signal });
      await late.ended;
      expect(late).toMatchObject({ end: "end", pieces: [{ isEnded: false }] });
    });

    it("[DISP-17] refuses more followers than there may be, until one has gone", async () => {
      const leaving = new AbortController();
      const [first, second] = [read({ follow: true, signal: leaving.signal }), read({ follow: true })];
      await clock.advance(0);
      const third = read({ follow: true });
      await third.ended;
      expect(third).toMatchObject({ pieces: [], end: { code: "too_many_followers" } });
      const unfollowed = read();
      await unfollowed.ended;
      expect(unfollowed.end).toBe("end");
      leaving.abort();
      await first.ended;
      const fourth = read({ follow: true });
      await finish();
      await clock.advance(2_000);
      expect([second.end, fourth.end]).toEqual(["end", "end"]);
      const unknown = read({ follow: true }, randomUUID());
      await unknown.ended;
      expect(unknown.end).toMatchObject({ code: "unknown_task" });
    });
  });

  /** The times between the looks so far. */
  function pauses(): readonly number[] {
    return store.reads.slice(1).map(({ atMs }, index) => atMs - (store.reads[index]?.atMs ?? 0));
  }
});
