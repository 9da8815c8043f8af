import { RecordingLogger } from "@mayfly/service/testing";
import { RabbitControl } from "@mayfly/test-services";
import { beforeAll, expect, inject, it, vi } from "vitest";
import { aName, anOpenQueue, patience, publish, take, type Work, withChannel } from "./test-queue.ts";

const control = new RabbitControl(inject("rabbit"));
const vhost = "window";
/** Long enough for all that is to come in it, however busy the machine is. */
const holdMs = 3_000;
let url: string;

beforeAll(async () => {
  url = await control.createVhost(vhost);
});

/** What the broker says of a queue. */
async function statusOf(name: string): Promise<{ readonly unacknowledged: number; readonly consumers: number }> {
  const status = (await control.listQueues(vhost)).find((queue) => queue.name === name);
  if (status === undefined) throw new Error(`The broker has no queue ${name}.`);
  return status;
}

it("[AMQP-8] holds the acknowledgement while a task runs, and gives it when the task ends", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  const taking = await take(queue, name, { slots: 2, holdMs: 60_000 });
  await publish(queue, name, 5);
  await vi.waitFor(() => expect(taking.works).toHaveLength(2), patience);
  for (const { delivery } of taking.works) delivery.owned();
  await vi.waitFor(async () => expect(await statusOf(name)).toMatchObject({ ready: 3, unacknowledged: 2 }), patience);
  taking.works[0]?.end();
  await vi.waitFor(() => expect(taking.works).toHaveLength(3), patience);
  await vi.waitFor(async () => expect(await statusOf(name)).toMatchObject({ ready: 2, unacknowledged: 2 }), patience);
});

it("[AMQP-8] acknowledges what is owned after holdMs, though it runs on, and then stays out of the way", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  const taking = await take(queue, name, { slots: 2, holdMs });
  await publish(queue, name, 2);
  await vi.waitFor(() => expect(taking.works).toHaveLength(2), patience);
  for (const { delivery } of taking.works) delivery.owned();
  await vi.waitFor(
    async () => expect(await statusOf(name)).toMatchObject({ ready: 0, unacknowledged: 0, consumers: 0 }),
    patience,
  );
  expect(taking.running()).toBe(2);
  // It has no slot, and still it is one that the broker can reach again.
  expect(taking.consumer.isSubscribed).toBe(true);
  await publish(queue, name, 1);
  taking.works[0]?.end();
  await vi.waitFor(() => expect(taking.works).toHaveLength(3), patience);
  expect(taking.most()).toBe(2);
});

it("[AMQP-9] uses a single slot that is free, however many the others hold", async () => {
  const slots = 32;
  const queue = await anOpenQueue({ url });
  const name = aName();
  await queue.declare(name);
  await publish(queue, name, slots);
  const taking = await take(queue, name, { slots, holdMs: 300, onWork: ({ delivery }) => delivery.owned() });
  await vi.waitFor(() => expect(taking.running()).toBe(slots), patience);
  await vi.waitFor(async () => expect(await statusOf(name)).toMatchObject({ consumers: 0 }), patience);
  taking.works[0]?.end();
  await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.works).toHaveLength(slots + 1), patience);
  expect(taking.most()).toBe(slots);
});

it("[AMQP-9] never takes more than its slots, whatever is held, and takes as many again when it ends", async () => {
  const slots = 8;
  const queue = await anOpenQueue({ url });
  const name = aName();
  let long: Work[] = [];
  let count = 0;
  // Every sixth task goes on until the next round, and is acknowledged long before its end.
  const onWork = (work: Work): void => {
    work.delivery.owned();
    if (count++ % 6 === 0) long.push(work);
    else setImmediate(work.end);
  };
  const taking = await take(queue, name, { slots, holdMs: 100, onWork });
  const ids: string[] = [];
  for (let round = 0; round < 8; round++) {
    const ended = long;
    long = [];
    for (const work of ended) work.end();
    ids.push(...(await publish(queue, name, 30)));
    await vi.waitFor(() => expect(taking.ids()).toHaveLength(ids.length), patience);
    await vi.waitFor(() => expect(taking.running()).toBe(long.length), patience);
  }
  expect([...taking.ids()].sort()).toEqual([...ids].sort());
  expect(taking.most()).toBeLessThanOrEqual(slots);
  for (const work of long) work.end();
  await taking.consumer.close();

  const filled = await take(queue, name, { slots, holdMs: 60_000 });
  await publish(queue, name, 2 * slots);
  await vi.waitFor(() => expect(filled.running()).toBe(slots), patience);
});

it("[AMQP-10] gives back once what is not owned after holdMs, and takes nothing until the store answers", async () => {
  const logger = new RecordingLogger();
  const queue = await anOpenQueue({ url, logger });
  const name = aName();
  await queue.declare(name);
  const ids = await publish(queue, name, 2);
  const taking = await take(queue, name, { slots: 3, holdMs });
  await vi.waitFor(() => expect(taking.works).toHaveLength(2), patience);
  await vi.waitFor(() => expect(taking.consumer.isSubscribed).toBe(false), patience);
  const other = await take(queue, name, { slots: 2, holdMs: 60_000 });
  await vi.waitFor(() => expect([...other.ids()].sort()).toEqual([...ids].sort()), patience);
  expect(other.works.every(({ delivery }) => delivery.redelivered)).toBe(true);
  expect(taking.works).toHaveLength(2);
  expect(logger.entries.filter(({ message }) => message.startsWith("messages held"))).toHaveLength(1);
  await other.consumer.close();
  // The others' deliveries are back; this consumer takes them when the store has answered.
  expect(taking.works).toHaveLength(2);
  taking.works[0]?.delivery.owned();
  expect(taking.consumer.isSubscribed).toBe(false);
  taking.works[1]?.delivery.owned();
  await vi.waitFor(() => expect(taking.consumer.isSubscribed).toBe(true), patience);
  await vi.waitFor(() => expect(taking.works).toHaveLength(3), patience);
  expect(taking.most()).toBe(3);
  expect(logger.entries.filter(({ message }) => message.startsWith("messages held"))).toHaveLength(1);
});

it("[AMQP-11] consumes again when the broker cancels the consumer", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  await withChannel(url, (channel) => channel.deleteQueue(name));
  await vi.waitFor(async () => expect(await queue.ready(name)).toBe(0), patience);
  await vi.waitFor(() => expect(taking.consumer.isSubscribed).toBe(true), patience);
  const ids = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
});

it("[AMQP-12] loses no acknowledgement when it closes right after them", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  await queue.declare(name);
  await publish(queue, name, 200);
  const taking = await take(queue, name, { slots: 200, holdMs: 60_000 });
  await vi.waitFor(() => expect(taking.works).toHaveLength(200), patience);
  for (const work of taking.works) work.end();
  await queue.close();
  const later = await anOpenQueue({ url });
  expect(await later.ready(name)).toBe(0);
  const rest = await take(later, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  const ids = await publish(later, name, 1);
  await vi.waitFor(() => expect(rest.ids()).toEqual(ids), patience);
});

it("[AMQP-12] loses no acknowledgement that it gives only when it closes", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  await queue.declare(name);
  await publish(queue, name, 200);
  const taking = await take(queue, name, { slots: 200, holdMs: 60_000 });
  await vi.waitFor(() => expect(taking.works).toHaveLength(200), patience);
  for (const { delivery } of taking.works) delivery.owned();
  await queue.close();
  const later = await anOpenQueue({ url });
  const rest = await take(later, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  const ids = await publish(later, name, 1);
  await vi.waitFor(() => expect(rest.ids()).toContain(ids[0]), patience);
  expect(rest.ids()).toEqual(ids);
  for (const work of taking.works) work.end();
});
