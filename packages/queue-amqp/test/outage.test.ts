import { RecordingLogger } from "@mayfly/service/testing";
import { type RabbitServer, startRabbit } from "@mayfly/test-services";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { aName, anAnnouncement, anOpenQueue, aQueue, patience, publish, take } from "./test-queue.ts";

/** A node of this file's own: it is stopped, frozen and short of memory. */
let rabbit: RabbitServer;

beforeAll(async () => {
  rabbit = await startRabbit();
});
afterAll(() => rabbit.remove());

it("[AMQP-20] goes on after a restart of the broker with all that was declared and consumed", {
  timeout: 120_000,
}, async () => {
  const queue = await anOpenQueue({ url: rabbit.url });
  const name = aName();
  const taking = await take(queue, name, { slots: 2, holdMs: 60_000 });
  const [held] = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual([held]), patience);

  await rabbit.stop();
  await vi.waitFor(() => expect(queue.canPublish).toBe(false), patience);
  await vi.waitFor(() => expect(taking.consumer.isSubscribed).toBe(false), patience);
  expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
  expect(await queue.ready(name)).toBeUndefined();
  await expect(queue.remove(name)).rejects.toMatchObject({ code: "unavailable" });
  const later = aName();
  expect(await queue.declare(later)).toBe("deferred");
  const options = { slots: 1, holdMs: 60_000, onDelivery: async () => undefined };
  const other = await queue.consume(aName(), options);
  expect(other.isSubscribed).toBe(false);

  await rabbit.restart();
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  expect(await queue.ready(later)).toBe(0);
  await vi.waitFor(() => expect(other.isSubscribed).toBe(true), patience);
  // What was not acknowledged is the broker's again; the handling that went on meanwhile still takes its slot.
  taking.works[0]?.delivery.owned();
  await vi.waitFor(() => expect(taking.ids()).toEqual([held, held]), patience);
  expect(taking.works[1]?.delivery.redelivered).toBe(true);
  await vi.waitFor(() => expect(taking.consumer.isSubscribed).toBe(true), patience);
  const [next] = await publish(queue, name, 1);
  taking.works[0]?.end();
  taking.works[1]?.end();
  await vi.waitFor(() => expect(taking.ids()).toEqual([held, held, next]), patience);
  expect(taking.most()).toBe(2);
});

it("[AMQP-21] opens when the broker comes, and loses nobody who asked before", { timeout: 120_000 }, async () => {
  await rabbit.stop();
  const queue = aQueue({ url: rabbit.url });
  let isOpen = false;
  const opening = queue.open().then(() => {
    isOpen = true;
  });
  const name = aName();
  expect(await queue.declare(name)).toBe("deferred");
  const ids: string[] = [];
  const onDelivery = async (delivery: { readonly message: { readonly id: string } }): Promise<void> => {
    ids.push(delivery.message.id);
  };
  const consumer = await queue.consume(name, { slots: 1, holdMs: 60_000, onDelivery });
  expect(isOpen).toBe(false);
  await rabbit.restart();
  await opening;
  const published = await publish(queue, name, 3);
  await vi.waitFor(() => expect(ids).toEqual(published), patience);
  expect(consumer.isSubscribed).toBe(true);
});

it("[AMQP-22] is closed while the broker is away, and open() says so", { timeout: 120_000 }, async () => {
  await rabbit.stop();
  const queue = aQueue({ url: rabbit.url });
  const opening = queue.open().catch((error: unknown) => error);
  await queue.close();
  expect(await opening).toMatchObject({ code: "closed" });
  await rabbit.restart();
});

it("[AMQP-23] answers unknown during a memory alarm, holds up no question, and loses nothing", {
  timeout: 120_000,
}, async () => {
  const queue = await anOpenQueue({ url: rabbit.url, confirmTimeoutMs: 8_000 });
  const name = aName();
  await queue.declare(name);
  await rabbit.control.raiseMemoryAlarm();
  const first = anAnnouncement(name);
  expect(await queue.publish(first)).toBe("unknown");
  await vi.waitFor(() => expect(queue.canPublish).toBe(false), patience);
  const startedAt = performance.now();
  expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  const later = aName();
  expect(await queue.declare(later)).toBe("deferred");
  expect(await queue.ready(name)).toBeUndefined();
  await rabbit.control.clearMemoryAlarm();
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  await vi.waitFor(async () => expect(await queue.ready(later)).toBe(0), patience);
  const [second] = await publish(queue, name, 1);
  const taking = await take(queue, name, { slots: 5, holdMs: 60_000 });
  await vi.waitFor(() => expect(taking.ids()).toEqual([first.id, second]), patience);
});

it("[AMQP-32] comes back when an acknowledgement has taken too long, and other queues notice nothing", {
  timeout: 120_000,
}, async () => {
  const settings = (timeoutMs: number, tickMs: number): Promise<string> => {
    const set = (name: string, ms: number): string => `ok = application:set_env(rabbit, ${name}, ${ms})`;
    return rabbit.control.run(
      "eval",
      `${set("consumer_timeout", timeoutMs)}, ${set("channel_tick_interval", tickMs)}.`,
    );
  };
  // Long enough for what is acknowledged at once, however busy the machine is.
  await settings(5_000, 200);
  try {
    const logger = new RecordingLogger();
    const queue = await anOpenQueue({ url: rabbit.url, logger });
    const [slow, quick] = [aName(), aName()];
    const other = await take(queue, quick, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
    const taking = await take(queue, slow, { slots: 2, holdMs: 60_000 });
    const [held] = await publish(queue, slow, 1);
    await vi.waitFor(() => expect(taking.consumer.isSubscribed).toBe(false), patience);
    expect(taking.ids()).toEqual([held]);
    expect(other.consumer.isSubscribed).toBe(true);
    expect(queue.canPublish).toBe(true);
    const ids = await publish(queue, quick, 3);
    await vi.waitFor(() => expect(other.ids()).toEqual(ids), patience);
    // The store decides, and so the copy that comes again is acknowledged at once.
    taking.works[0]?.delivery.owned();
    await vi.waitFor(() => expect(taking.ids()).toEqual([held, held]), patience);
    taking.works[1]?.end();
    const [next] = await publish(queue, slow, 1);
    await vi.waitFor(() => expect(taking.ids()).toEqual([held, held, next]), patience);
    expect(taking.most()).toBe(2);
    for (const work of taking.works) work.end();
    const failed = logger.entries.filter(({ message }) => message === "consuming channel failed");
    expect(failed).toMatchObject([{ fields: { queue: slow } }]);
  } finally {
    await settings(1_800_000, 60_000);
  }
});

it("[AMQP-24] closes although the broker answers nothing", { timeout: 120_000 }, async () => {
  const queue = await anOpenQueue({ url: rabbit.url, confirmTimeoutMs: 5_000 });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000 });
  const [held] = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual([held]), patience);
  rabbit.pause();
  try {
    const lost = queue.publish(anAnnouncement(name));
    const startedAt = performance.now();
    await queue.close();
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(await lost).toBe("unknown");
  } finally {
    rabbit.resume();
  }
});
