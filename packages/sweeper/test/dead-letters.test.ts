import { Dispatcher } from "@mayfly/dispatcher";
import { type ConsumeDeadOptions, type DeadLetter, type Delivery, InMemoryQueue, QueueError } from "@mayfly/queue";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { InMemoryStore, StoreError } from "@mayfly/store";
import type { Announcement } from "@mayfly/task";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sweeper } from "../src/index.ts";

const minute = 60_000;

/** A queue into whose dead letters a test can put what it likes. */
class MorgueQueue extends InMemoryQueue {
  readonly published: Announcement[] = [];
  refusal: QueueError | undefined;
  publishAnswer: "unknown" | undefined;
  #options: ConsumeDeadOptions | undefined;

  override publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    this.published.push(message);
    return this.publishAnswer ? Promise.resolve(this.publishAnswer) : super.publish(message);
  }

  override consumeDead(options: ConsumeDeadOptions): ReturnType<InMemoryQueue["consumeDead"]> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    this.#options = options;
    return super.consumeDead(options);
  }

  /** Whether the letter is settled; else it would come again. */
  async isSettled(letter: DeadLetter): Promise<boolean> {
    try {
      await this.#options?.onDeadLetter(letter);
      return this.#options !== undefined;
    } catch {
      return false;
    }
  }
}

describe("Sweeper, with dead letters", () => {
  let clock: ManualClock;
  let store: InMemoryStore;
  let queue: MorgueQueue;
  let dispatcher: Dispatcher;
  let logger: RecordingLogger;
  let sweeper: Sweeper;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new InMemoryStore({ clock });
    queue = new MorgueQueue({ clock });
    logger = new RecordingLogger();
    await Promise.all([store.open(), queue.open()]);
    // A store that has just been made may have lost what was scheduled before it.
    await clock.advance(1);
    dispatcher = new Dispatcher({ store, queue, clock });
    await dispatcher.register("hello", {});
    sweeper = new Sweeper({ store, queue, clock, logger });
    await sweeper.start();
  });

  afterEach(() => sweeper.stop());

  async function announced(): Promise<Announcement> {
    await dispatcher.schedule({ scheduler: "hello", attributes: {} });
    return queue.published.at(-1) ?? expect.fail("nothing was announced");
  }

  /** Settles a letter whose handling may take time. */
  async function settled(letter: DeadLetter): Promise<boolean> {
    const settling = queue.isSettled(letter);
    await clock.advance(1_000);
    return settling;
  }

  function letterOf(message: Announcement): DeadLetter {
    return { queue: "hello", reason: "rejected", id: message.id, token: message.token, message };
  }

  function levels(start: string): readonly string[] {
    return logger.entries.filter(({ message }) => message.startsWith(start)).map(({ level }) => level);
  }

  it("[SWEEP-10] announces what was dropped again, later each time, and ends it after five times", async () => {
    const atMs: number[] = [];
    const onDelivery = async (delivery: Delivery): Promise<void> => {
      atMs.push(clock.monotonicMs());
      delivery.drop();
    };
    await queue.consume("hello", { slots: 1, holdMs: minute, onDelivery });
    const { id } = await announced();
    await clock.advance(minute);
    expect(queue.published.map((message) => message.id)).toEqual([id, id, id, id, id]);
    const pauses = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
    // A second, two, four and eight; the outbox is looked at once a second.
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** index);
      expect(pause).toBeLessThanOrEqual(1_000 * (2 ** index + 1));
    }
    expect(await store.find(id)).toMatchObject({
      outcome: "aborted",
      reason: { code: "undeliverable", message: expect.stringContaining("hello (rejected)") as string },
    });
  });

  it("[SWEEP-10] takes no notice of a letter that is not the latest announcement, or of no live task", async () => {
    const message = await announced();
    expect(await settled(letterOf({ ...message, token: crypto.randomUUID() }))).toBe(true);
    expect(await settled({ reason: "rejected", id: message.id })).toBe(true);
    expect(await store.find(message.id)).toMatchObject({ state: "scheduled" });
    await dispatcher.abort(message.id);
    expect(await settled(letterOf(message))).toBe(true);
    expect(queue.published).toHaveLength(1);
    expect(levels("dead letter of no consequence")).toEqual(["info", "info", "info"]);
  });

  it("[SWEEP-11] ends a task at once when its message cannot be read here either", async () => {
    const { id, token } = await announced();
    expect(await settled({ queue: "hello", reason: "rejected", id, token })).toBe(true);
    expect(await store.find(id)).toMatchObject({ outcome: "aborted", reason: { code: "undeliverable" } });
    expect(levels("undeliverable task ended")).toEqual(["error"]);
  });

  it("[SWEEP-11] tells of a letter that belongs to no task, and drops it", async () => {
    expect(await settled({ reason: "rejected" })).toBe(true);
    expect(levels("dead letter of an unknown task dropped")).toEqual(["error"]);
  });

  it("[SWEEP-12] publishes the message of a lost task again, and keeps the letter until the broker has it", async () => {
    const message = await announced();
    store.wipe();
    const settling = queue.isSettled(letterOf(message));
    await clock.advance(999);
    expect(queue.published).toHaveLength(1);
    await clock.advance(1);
    expect(await settling).toBe(true);
    expect(queue.published.slice(1)).toEqual([message]);
    queue.publishAnswer = "unknown";
    expect(await settled(letterOf(message))).toBe(false);
  });

  it("[SWEEP-12] keeps a letter while the store is away", async () => {
    const message = await announced();
    store.undelivered = () => Promise.reject(new StoreError("unavailable", "The store is away."));
    expect(await settled(letterOf(message))).toBe(false);
    expect(levels("dead letter not settled")).toEqual(["warn"]);
  });

  it("[SWEEP-12] sweeps although the broker refuses its dead letters, and asks for them again", async () => {
    await sweeper.stop();
    queue.refusal = new QueueError("refused", "There is no right to read.");
    sweeper = new Sweeper({ store, queue, clock, logger });
    await sweeper.start();
    const { id, token } = await announced();
    await clock.advance(6 * 60 * minute + 1_000);
    expect(await store.find(id)).toMatchObject({ outcome: "timeout" });
    expect(new Set(levels("dead letters are not taken"))).toEqual(new Set(["error"]));
    queue.refusal = undefined;
    await clock.advance(30_000);
    expect(await settled({ reason: "rejected", id, token })).toBe(true);
  });
});
