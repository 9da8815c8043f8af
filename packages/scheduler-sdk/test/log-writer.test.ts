import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { type LogAnswer, maxLogBytes, StoreError } from "@mayfly/store";
import { beforeEach, describe, expect, it } from "vitest";
import { LogWriter } from "../src/log-writer.ts";
import { deferred } from "./deferred.ts";

const heading = "--- attempt 1, run 1 ---";

describe("LogWriter", () => {
  let clock: ManualClock;
  let logger: RecordingLogger;
  let closing: AbortController;
  /** What the store was given, in its order, and what it answers. */
  let given: string[];
  let answer: () => Promise<LogAnswer>;
  let writer: LogWriter;

  beforeEach(() => {
    clock = new ManualClock();
    logger = new RecordingLogger();
    closing = new AbortController();
    given = [];
    answer = async () => "ok";
    writer = new LogWriter({
      owned: {
        owner: { id: "task", attempt: 1, token: "token", scheduledAt: 0 },
        appendLog: (text) => {
          given.push(text);
          return answer();
        },
      },
      clock,
      logger,
      closing: closing.signal,
      heading,
    });
  });

  const away = (): Promise<LogAnswer> => Promise.reject(new StoreError("unavailable", "The store is away."));

  /** Closes the writer and resolves with how long that took. */
  async function closedAfterMs(): Promise<number> {
    const startMs = clock.monotonicMs();
    let endMs: number | undefined;
    void writer.close().then(() => (endMs = clock.monotonicMs()));
    await clock.advance(5_000);
    return (endMs ?? Number.POSITIVE_INFINITY) - startMs;
  }

  describe("batches", () => {
    it("[SDK-60] writes half a second after the first line that waits", async () => {
      writer.say("one");
      await clock.advance(300);
      writer.say("two");
      await clock.advance(199);
      expect(given).toEqual([]);
      await clock.advance(1);
      expect(given).toEqual([`${heading}\none\ntwo\n`]);
      await clock.advance(60_000);
      writer.say("three");
      await clock.advance(499);
      expect(given).toHaveLength(1);
      await clock.advance(1);
      expect(given.slice(1)).toEqual(["three\n"]);
      expect(clock.pendingTimers).toBe(0);
    });

    it("[SDK-60] writes at once when 16 KiB wait", async () => {
      writer.say("x".repeat(8_000));
      writer.say("y".repeat(8_000));
      await clock.advance(0);
      expect(given).toEqual([]);
      writer.say("z".repeat(1_000));
      await clock.advance(0);
      expect(given.map((text) => text.length)).toEqual([heading.length + 1 + 17_003]);
    });

    it("[SDK-60] has one write under way, and then writes what has come meanwhile", async () => {
      const { promise, resolve } = deferred<LogAnswer>();
      answer = () => promise;
      writer.say("one");
      await clock.advance(500);
      for (let line = 0; line < 10; line++) writer.say("x".repeat(8_000));
      await clock.advance(10_000);
      expect(given).toHaveLength(1);
      resolve("ok");
      await clock.advance(0);
      expect(given).toHaveLength(2);
    });

    it("[SDK-62] writes lines as they come once it is told to hurry", async () => {
      writer.say("one");
      writer.hurry();
      await clock.advance(0);
      writer.say("two");
      await clock.advance(0);
      expect(given).toEqual([`${heading}\none\n`, "two\n"]);
    });
  });

  describe("a store that is away", () => {
    it("[SDK-64] is tried again each second, with all that waits, in its order", async () => {
      answer = away;
      writer.say("one");
      await clock.advance(500);
      for (let line = 0; line < 4; line++) writer.say("x".repeat(8_000));
      await clock.advance(999);
      expect(given).toHaveLength(1);
      await clock.advance(3_001);
      expect(given).toHaveLength(5);
      answer = async () => "ok";
      await clock.advance(1_000);
      const all = `${heading}\none\n${`${"x".repeat(8_000)}\n`.repeat(4)}`;
      expect(given.at(-1) === all).toBe(true);
      given = [];
      writer.say("two");
      await clock.advance(500);
      expect(given).toEqual(["two\n"]);
    });

    it("[SDK-65] delays the end by a second, in which it is tried again", async () => {
      answer = away;
      writer.say("one");
      expect(await closedAfterMs()).toBe(1_000);
      expect(given.length).toBeGreaterThanOrEqual(4);
      expect(logger.entries.filter(({ level }) => level === "warn")).toMatchObject([
        { message: "last lines of the task not stored", fields: { task: "task" } },
      ]);
      expect(clock.pendingTimers).toBe(0);
    });

    it("[SDK-65] is written to as soon as it is back within that second", async () => {
      answer = away;
      writer.say("one");
      const closed = closedAfterMs();
      answer = async () => "ok";
      expect(await closed).toBeLessThanOrEqual(200);
      expect(given.at(-1)).toBe(`${heading}\none\n`);
      expect(logger.entries.filter(({ level }) => level === "warn")).toEqual([]);
    });

    it("[SDK-65] does not delay the end by more when it does not even fail", async () => {
      const { promise, resolve } = deferred<LogAnswer>();
      answer = () => promise;
      writer.say("one");
      await clock.advance(500);
      writer.say("two");
      expect(await closedAfterMs()).toBe(1_000);
      resolve("ok");
      await clock.advance(10_000);
      expect(given).toHaveLength(1);
    });

    it("[SDK-65] does not delay the end of a process that can wait for nothing any more", async () => {
      answer = away;
      writer.say("one");
      await clock.advance(500);
      closing.abort();
      expect(await closedAfterMs()).toBe(0);
      expect(clock.pendingTimers).toBe(0);
    });

    it("[SDK-65] does not delay it any longer when it comes to that meanwhile", async () => {
      answer = away;
      writer.say("one");
      let isClosed = false;
      void writer.close().then(() => (isClosed = true));
      await clock.advance(100);
      expect(isClosed).toBe(false);
      closing.abort();
      await clock.advance(0);
      expect(isClosed).toBe(true);
      expect(clock.pendingTimers).toBe(0);
    });
  });

  describe("the end", () => {
    it("[SDK-62] stores what waits at once, and takes nothing more", async () => {
      writer.say("one");
      expect(await closedAfterMs()).toBe(0);
      writer.say("two");
      await writer.close();
      await clock.advance(10_000);
      expect(given).toEqual([`${heading}\none\n`]);
    });

    it("[SDK-62] stores what came while a write was under way", async () => {
      const { promise, resolve } = deferred<LogAnswer>();
      answer = () => promise;
      writer.say("one");
      await clock.advance(500);
      writer.say("two");
      const closed = closedAfterMs();
      answer = async () => "ok";
      resolve("ok");
      expect(await closed).toBe(0);
      expect(given.slice(1)).toEqual(["two\n"]);
    });

    it("[SDK-61] has nothing to write for a run that says nothing", async () => {
      expect(await closedAfterMs()).toBe(0);
      expect(given).toEqual([]);
    });

    it.each(["stale", "gone"] as const)("[SDK-68] says nothing more once the store answers %s", async (refusal) => {
      answer = async () => refusal;
      writer.say("one");
      await clock.advance(500);
      writer.say("two");
      await clock.advance(10_000);
      expect(await closedAfterMs()).toBe(0);
      expect(given).toHaveLength(1);
      expect(logger.entries).toEqual([]);
    });

    it("[SDK-67] keeps what a store does not take that has lost the task", async () => {
      answer = async () => "lost";
      writer.say("one");
      await clock.advance(500);
      answer = async () => "ok";
      await clock.advance(999);
      expect(given).toHaveLength(1);
      await clock.advance(1);
      expect(given).toEqual([`${heading}\none\n`, `${heading}\none\n`]);
    });
  });

  describe("100 MB of output", () => {
    const line = "x".repeat(999);
    const lines = 100_000;

    it("[SDK-64, SDK-66] keeps as much of it as a log takes while the store does not answer, and writes it in pieces", async () => {
      const { promise, resolve } = deferred<LogAnswer>();
      answer = () => promise;
      writer.say("one");
      await clock.advance(500);
      for (let count = 0; count < lines; count++) writer.say(line);
      answer = async () => "ok";
      resolve("ok");
      await writer.close();
      const sizes = given.map((text) => Buffer.byteLength(text));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      expect(bytes).toBeGreaterThanOrEqual(maxLogBytes);
      expect(bytes).toBeLessThanOrEqual(maxLogBytes + 1_000);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(262_144);
      expect(given).toHaveLength(6);
      expect(given.join("") === `${heading}\none\n${`${line}\n`.repeat(Math.floor(bytes / 1_000))}`).toBe(true);
    });

    it("[SDK-66] keeps nothing of it once the log is full", async () => {
      answer = async () => "full";
      writer.say("one");
      await clock.advance(500);
      const before = process.memoryUsage().arrayBuffers;
      for (let count = 0; count < lines; count++) writer.say(line);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
      expect(await closedAfterMs()).toBe(0);
      expect(given).toHaveLength(1);
    });
  });
});
