import { Dispatcher } from "@mayfly/dispatcher";
import { InMemoryQueue } from "@mayfly/queue";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { type ClaimAnswer, contentHash, InMemoryStore, StoreError } from "@mayfly/store";
import { type Announcement, toInstant } from "@mayfly/task";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sweeper } from "../src/index.ts";

/** A queue whose broker a test can take away. */
class WaveringQueue extends InMemoryQueue {
  isAway = false;
  isSilent = false;
  /** Messages for this scheduler are never confirmed. */
  silentFor = "";
  readonly published: string[] = [];

  override get canPublish(): boolean {
    return !this.isAway;
  }

  override publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    if (this.isAway) return Promise.resolve("unknown");
    if (this.isSilent || message.scheduler === this.silentFor) return new Promise(() => undefined);
    this.published.push(message.id);
    return super.publish(message);
  }
}

/** A store that a test can take away. */
class WaveringStore extends InMemoryStore {
  isAway = false;

  /** This shard alone is away. */
  shardAway: number | undefined;

  override expire(...[request]: Parameters<InMemoryStore["expire"]>): ReturnType<InMemoryStore["expire"]> {
    return this.#isAway(request.shard) ? Promise.reject(awayError()) : super.expire(request);
  }

  override due(...[request]: Parameters<InMemoryStore["due"]>): ReturnType<InMemoryStore["due"]> {
    return request.shard === this.shardAway ? Promise.reject(awayError()) : super.due(request);
  }

  #isAway(shard: number): boolean {
    return this.isAway || shard === this.shardAway;
  }
}

function awayError(): StoreError {
  return new StoreError("unavailable", "The store is away.");
}

describe("Sweeper", () => {
  let clock: ManualClock;
  let store: WaveringStore;
  let queue: WaveringQueue;
  let dispatcher: Dispatcher;
  let sweeper: Sweeper;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new WaveringStore({ clock });
    queue = new WaveringQueue({ clock });
    await Promise.all([store.open(), queue.open()]);
    dispatcher = new Dispatcher({ store, queue, clock });
    await dispatcher.register("hello", {});
    sweeper = new Sweeper({ store, queue, clock });
    await sweeper.start();
  });

  afterEach(() => sweeper.stop());

  async function schedule(overrides: { id?: string; timeoutMs?: number; notBeforeMs?: number } = {}): Promise<string> {
    const { id, timeoutMs = 3_600_000, notBeforeMs } = overrides;
    const { task } = await dispatcher.schedule({
      ...(id !== undefined && { id }),
      scheduler: "hello",
      attributes: {},
      timeout: toInstant(clock.now() + timeoutMs),
      ...(notBeforeMs !== undefined && { notBefore: toInstant(clock.now() + notBeforeMs) }),
    });
    return task.id;
  }

  async function claim(id: string, options: { leaseMs?: number } = {}): Promise<ClaimAnswer> {
    const view = await store.find(id);
    if (view?.attributes === undefined) return expect.fail(`task ${id} is not live`);
    const task = { id, attributes: view.attributes, scheduler: view.scheduler, timeout: view.timeout };
    return store.claim({
      announcement: {
        id,
        scheduler: "hello",
        body: JSON.stringify(task),
        token: "",
        scheduledAt: Date.parse(view.scheduledAt),
        attempt: 0,
      },
      contentHash: contentHash(task),
      timeout: Date.parse(view.timeout),
      token: crypto.randomUUID(),
      instance: "hello@test:1:aaaaaa",
      leaseMs: options.leaseMs ?? 30_000,
      maxAttempts: 3,
    });
  }

  it("[SWEEP-1] removes a task that waits and one that runs at their timeout, not before", async () => {
    const waits = await schedule({ timeoutMs: 2_000 });
    const runs = await schedule({ timeoutMs: 2_500 });
    await claim(runs);
    await clock.advance(1_999);
    expect(await store.find(waits)).toMatchObject({ state: "scheduled" });
    await clock.advance(20);
    expect(await store.find(waits)).toMatchObject({ state: "done", outcome: "timeout" });
    expect(await store.find(runs)).toMatchObject({ state: "running" });
    await clock.advance(500);
    expect(await store.find(runs)).toMatchObject({ state: "done", outcome: "timeout" });
  });

  it("[SWEEP-1] removes more than one batch in time", async () => {
    const ids = await Promise.all(Array.from({ length: 250 }, () => schedule({ timeoutMs: 2_000 })));
    await clock.advance(2_100);
    for (const id of ids) expect(await store.find(id)).toMatchObject({ outcome: "timeout" });
  });

  it("[SWEEP-2] takes a task from an owner whose lease has ended, and announces it again at once", async () => {
    const id = await schedule();
    await claim(id);
    await clock.advance(29_900);
    expect(await store.find(id)).toMatchObject({ state: "running" });
    const before = queue.published.length;
    await clock.advance(2_000);
    expect(await store.find(id)).toMatchObject({ state: "scheduled", attempt: 1 });
    expect(queue.published.slice(before)).toEqual([id]);
    expect(await claim(id)).toMatchObject({ answer: "granted", attempt: 2, failures: 1 });
  });

  it("[SWEEP-3] ends a task whose owners vanished too often", async () => {
    const id = await schedule();
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await claim(id)).toMatchObject({ answer: "granted", attempt });
      await clock.advance(31_000);
    }
    expect(await store.find(id)).toMatchObject({ state: "done", outcome: "aborted", reason: { code: "lost" } });
  });

  it("[SWEEP-4] announces what is due, once: notBefore, and what the API could not announce", async () => {
    const later = await schedule({ notBeforeMs: 3_000 });
    queue.isAway = true;
    const unannounced = await schedule();
    await clock.advance(20_000);
    expect(queue.published).toEqual([]);
    queue.isAway = false;
    await clock.advance(11_000);
    expect([...queue.published].sort()).toEqual([later, unannounced].sort());
    await clock.advance(60_000);
    expect(queue.published).toHaveLength(2);
  });

  it("[SWEEP-4] announces more than one batch in one go", async () => {
    queue.isAway = true;
    for (let count = 0; count < 250; count++) await schedule();
    await clock.advance(10_000);
    queue.isAway = false;
    await clock.advance(1_000);
    expect(new Set(queue.published).size).toBe(250);
  });

  it("[SWEEP-5] removes tasks in time and stops although the broker does not answer", async () => {
    const id = await schedule({ timeoutMs: 20_000, notBeforeMs: 1_000 });
    queue.isSilent = true;
    await clock.advance(20_020);
    expect(await store.find(id)).toMatchObject({ outcome: "timeout" });
    const stopping = sweeper.stop();
    await clock.advance(1);
    await stopping;
  });

  it("[SWEEP-6] takes no task at first when it starts as the store comes back", async () => {
    const id = await schedule();
    await claim(id, { leaseMs: 1_000 });
    await sweeper.stop();
    await clock.advance(5_000);
    sweeper = new Sweeper({ store, queue, clock, startsAfterOutage: true });
    await sweeper.start();
    await clock.advance(29_000);
    expect(await store.find(id)).toMatchObject({ state: "running" });
    await clock.advance(2_000);
    expect(await store.find(id)).toMatchObject({ state: "scheduled" });
  });

  it("[SWEEP-5] lets a queue that confirms nothing hold up no other", async () => {
    await dispatcher.register("bad", {});
    const soon = toInstant(clock.now() + 1_000);
    await dispatcher.schedule({ scheduler: "bad", attributes: {}, notBefore: soon });
    const good = await schedule({ notBeforeMs: 2_000 });
    queue.silentFor = "bad";
    await clock.advance(5_000);
    expect(queue.published).toEqual([good]);
  });

  it("[SWEEP-6] goes on after an outage of the store, and lets owners renew before it takes tasks from them", async () => {
    const logger = new RecordingLogger();
    await sweeper.stop();
    sweeper = new Sweeper({ store, queue, clock, logger });
    await sweeper.start();
    const id = await schedule();
    await claim(id);
    store.isAway = true;
    await clock.advance(60_000);
    expect(logger.entries.some((entry) => entry.message.startsWith("sweep failed"))).toBe(true);
    store.isAway = false;
    await clock.advance(20_000);
    expect(await store.find(id)).toMatchObject({ state: "running" });
    await clock.advance(15_000);
    expect(await store.find(id)).toMatchObject({ state: "scheduled" });
  });

  it("[SWEEP-6] takes tasks from vanished owners in a shard while another shard is away", async () => {
    await sweeper.stop();
    store = new WaveringStore({ clock, shards: 2 });
    dispatcher = new Dispatcher({ store, queue, clock });
    await dispatcher.register("hello", {});
    sweeper = new Sweeper({ store, queue, clock });
    const [inFirst, inSecond] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    for (const id of [inFirst, inSecond]) await claim(await schedule({ id }));
    store.shardAway = 1;
    await sweeper.start();
    await clock.advance(60_000);
    expect(await store.find(inFirst)).toMatchObject({ state: "scheduled" });
    expect(await store.find(inSecond)).toMatchObject({ state: "running" });
  });

  it("[SWEEP-6] takes tasks from vanished owners although nothing can be taken from the outbox", async () => {
    const id = await schedule();
    await claim(id);
    store.due = () => Promise.reject(awayError());
    await clock.advance(60_000);
    expect(await store.find(id)).toMatchObject({ state: "scheduled" });
  });
});
