import { Dispatcher } from "@mayfly/dispatcher";
import { InMemoryQueue } from "@mayfly/queue";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { contentHash, InMemoryStore, StoreError } from "@mayfly/store";
import { type Announcement, type Task, toInstant } from "@mayfly/task";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sweeper } from "../src/index.ts";
import { Reannouncer } from "../src/reannouncer.ts";

const minute = 60_000;

/** A queue that remembers what it was given, and whose messages a test can lose. */
class LossyQueue extends InMemoryQueue {
  readonly published: Announcement[] = [];
  asked = 0;

  override publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    this.published.push(message);
    return super.publish(message);
  }

  override ready(name: string): Promise<number | undefined> {
    this.asked++;
    return super.ready(name);
  }

  async purge(name: string): Promise<void> {
    await this.remove(name);
    await this.declare(name);
  }

  /** How often each task has been published, in the order of their first time. */
  get copies(): readonly number[] {
    const counts = new Map<string, number>();
    for (const { id } of this.published) counts.set(id, (counts.get(id) ?? 0) + 1);
    return [...counts.values()];
  }
}

describe("Sweeper, with messages that are lost", () => {
  let clock: ManualClock;
  let store: InMemoryStore;
  let queue: LossyQueue;
  let dispatcher: Dispatcher;
  let logger: RecordingLogger;
  let sweeper: Sweeper;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new InMemoryStore({ clock });
    queue = new LossyQueue({ clock });
    logger = new RecordingLogger();
    await Promise.all([store.open(), queue.open()]);
    dispatcher = new Dispatcher({ store, queue, clock });
    for (const name of ["hello", "busy"]) await dispatcher.register(name, {});
    sweeper = new Sweeper({ store, queue, clock, logger });
    await sweeper.start();
  });

  afterEach(() => sweeper.stop());

  async function schedule(scheduler = "hello"): Promise<string> {
    const timeout = toInstant(clock.now() + 24 * 60 * minute);
    return (await dispatcher.schedule({ scheduler, attributes: {}, timeout })).task.id;
  }

  async function claim(announcement: Announcement | undefined): Promise<string> {
    if (announcement === undefined) return expect.fail("nothing was announced");
    const task = JSON.parse(announcement.body) as Task;
    const { answer } = await store.claim({
      announcement,
      contentHash: contentHash(task),
      timeout: Date.parse(task.timeout),
      token: crypto.randomUUID(),
      instance: "hello@test:1:aaaaaa",
      leaseMs: 60 * minute,
      maxAttempts: 3,
    });
    return answer;
  }

  it("[SWEEP-7] announces again, once, what waits longer than ten minutes in front of an empty queue", async () => {
    for (let count = 0; count < 250; count++) await schedule();
    await queue.purge("hello");
    await clock.advance(10 * minute - 1);
    expect(queue.copies.every((copies) => copies === 1)).toBe(true);
    await clock.advance(minute + 1_000);
    expect(queue.copies).toEqual(Array.from({ length: 250 }, () => 2));
    const tokens = new Set(queue.published.map(({ token }) => token));
    expect(tokens.size).toBe(500);
    // Their messages are there now: nothing more is lost.
    await clock.advance(60 * minute);
    expect(queue.published).toHaveLength(500);
    const told = logger.entries.find(({ message }) => message.startsWith("tasks announced again"));
    expect(told).toMatchObject({ level: "warn" });
  });

  it("[SWEEP-7] leaves alone what waits in its queue, however long, and a queue that is empty only once", async () => {
    await schedule();
    await schedule("busy");
    await clock.advance(10 * minute - 15_000);
    expect(queue.published).toHaveLength(2);
    // One pass finds the queue empty; before the next one it is not.
    const [message] = queue.published;
    if (message === undefined) return expect.fail("nothing was announced");
    await queue.purge("hello");
    await clock.advance(30_000);
    await queue.publish(message);
    await clock.advance(60 * minute);
    expect(queue.published).toHaveLength(3);
  });

  it("[SWEEP-7] does not announce again what has been claimed meanwhile, is done, or waits for its time", async () => {
    const aborted = await schedule();
    await schedule();
    const later = toInstant(clock.now() + 30 * minute);
    await dispatcher.schedule({ scheduler: "hello", attributes: {}, notBefore: later });
    await queue.purge("hello");
    await dispatcher.abort(aborted);
    expect(await claim(queue.published[1])).toBe("granted");
    await clock.advance(20 * minute);
    expect(queue.published).toHaveLength(2);
  });

  it("[SWEEP-8] announces at once what was overtaken by a task that was announced ten minutes later", async () => {
    const overtaken = await schedule();
    await queue.purge("hello");
    await clock.advance(9 * minute);
    await schedule();
    await clock.advance(2 * minute);
    const last = await schedule();
    expect(await claim(queue.published.find(({ id }) => id === last))).toBe("granted");
    await clock.advance(31_000);
    // The one in between waits its turn: its queue is not empty.
    expect(await queue.ready("hello")).toBe(3);
    expect(queue.published.map(({ id }) => id).slice(3)).toEqual([overtaken]);
  });

  it("[SWEEP-9] finds lost messages behind any number of tasks that only wait long", async () => {
    for (let count = 0; count < 2_300; count++) await schedule("busy");
    await clock.advance(1);
    const lost = await schedule();
    await queue.purge("hello");
    await clock.advance(10 * minute);
    const asked = queue.asked;
    await clock.advance(3 * minute);
    expect(queue.published.slice(2_301).map(({ id }) => id)).toEqual([lost]);
    // A queue is asked once in a pass, not once for each task.
    expect(queue.asked - asked).toBeLessThanOrEqual(2 * 7);
  });

  it("[SWEEP-7] does not look for messages while the broker is away, and goes on after the store was", async () => {
    await schedule();
    await queue.remove("hello");
    await clock.advance(20 * minute);
    expect(queue.published).toHaveLength(1);
    const stalled = store.stalled.bind(store);
    store.stalled = () => Promise.reject(new StoreError("unavailable", "The store is away."));
    await queue.declare("hello");
    await clock.advance(2 * minute);
    expect(queue.published).toHaveLength(1);
    expect(logger.entries.some(({ message }) => message.startsWith("stalled tasks not looked at"))).toBe(true);
    store.stalled = stalled;
    await clock.advance(2 * minute);
    expect(queue.published).toHaveLength(2);
  });

  it("[SWEEP-7] asks no further queue once it is to stop", async () => {
    await sweeper.stop();
    for (const scheduler of ["hello", "busy"]) {
      const announcement = (await schedule(scheduler), queue.published.at(-1));
      await store.announced(announcement?.id ?? "", announcement?.token ?? "");
    }
    await clock.advance(11 * minute);
    const stopping = new AbortController();
    queue.ready = async () => {
      queue.asked++;
      stopping.abort();
      return 0;
    };
    const reannouncer = new Reannouncer({ store, queue, logger, afterMs: 10 * minute });
    const askedBefore = queue.asked;
    await reannouncer.pass(stopping.signal);
    expect(queue.asked - askedBefore).toBe(1);
  });
});
