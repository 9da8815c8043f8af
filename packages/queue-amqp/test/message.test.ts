import { RecordingLogger } from "@mayfly/service/testing";
import { RabbitControl } from "@mayfly/test-services";
import type { Channel, GetMessage, Options } from "amqplib";
import { beforeAll, expect, inject, it, vi } from "vitest";
import { aName, anAnnouncement, anOpenQueue, patience, publish, take, withChannel } from "./test-queue.ts";

let url: string;

beforeAll(async () => {
  url = await new RabbitControl(inject("rabbit")).createVhost("message");
});

/** Waits for a message in a queue, and takes it out. */
async function getOne(channel: Channel, queue: string): Promise<GetMessage> {
  return vi.waitFor(async () => {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) throw new Error(`Nothing is in ${queue}.`);
    return message;
  }, patience);
}

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

it("[AMQP-4] puts the task's bytes into the body and the rest into properties and headers", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  await queue.declare(name);
  const body = '{"id":"å","n":12345678901234567890}';
  const sent = anAnnouncement(name, { body, attempt: 2, scheduledAt: 1_790_000_000_123, traceparent });
  await queue.publish(sent);
  const message = await withChannel(url, (channel) => getOne(channel, name));
  expect(message.content.equals(Buffer.from(body))).toBe(true);
  expect(message.fields).toMatchObject({ exchange: "mayfly.tasks", routingKey: name });
  expect(message.properties).toMatchObject({
    messageId: sent.id,
    correlationId: sent.token,
    type: "mayfly.task",
    contentType: "application/json",
    deliveryMode: 2,
  });
  expect({ ...message.properties.headers }).toEqual({
    "mayfly-version": "1",
    "mayfly-scheduled-at": 1_790_000_000_123,
    "mayfly-attempt": 2,
    traceparent,
    "x-delivery-count": 0,
  });
});

const headers = { "mayfly-version": "1", "mayfly-scheduled-at": 1, "mayfly-attempt": 0 };
const properties: Options.Publish = { messageId: "an-id", correlationId: "a-token", type: "mayfly.task", headers };

/** Messages that nobody can read, each with its one fault. */
const unreadable: Readonly<Record<string, { readonly properties?: Options.Publish; readonly content?: Buffer }>> = {
  "no properties at all": { properties: {} },
  "no id": { properties: { correlationId: "a-token", type: "mayfly.task", headers } },
  "no token": { properties: { messageId: "an-id", type: "mayfly.task", headers } },
  "another type": { properties: { ...properties, type: "something.else" } },
  "no version": { properties: { ...properties, headers: { ...headers, "mayfly-version": undefined } } },
  "a major version of the future": { properties: { ...properties, headers: { ...headers, "mayfly-version": "2" } } },
  "a version that only begins like ours": {
    properties: { ...properties, headers: { ...headers, "mayfly-version": "10" } },
  },
  "no time": { properties: { ...properties, headers: { ...headers, "mayfly-scheduled-at": "yesterday" } } },
  "half an attempt": { properties: { ...properties, headers: { ...headers, "mayfly-attempt": 0.5 } } },
  "an attempt below zero": { properties: { ...properties, headers: { ...headers, "mayfly-attempt": -1 } } },
  "a body that is no UTF-8": { content: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
};

it.each(Object.entries(unreadable))(
  "[AMQP-5] sends a message with %s to the dead letters and goes on",
  async (_, bad) => {
    const logger = new RecordingLogger();
    const prefix = aName();
    const queue = await anOpenQueue({ url, prefix, logger });
    const name = aName();
    const taking = await take(queue, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
    await withChannel(url, async (channel) => {
      channel.publish(`${prefix}.tasks`, name, bad.content ?? Buffer.from("{}"), bad.properties ?? properties);
      const dead = await getOne(channel, `${prefix}.dead`);
      expect(dead.fields.routingKey).toBe(name);
      expect(dead.properties.headers?.["x-first-death-queue"]).toBe(name);
      expect(dead.properties.headers?.["x-first-death-reason"]).toBe("rejected");
    });
    expect(logger.entries.filter(({ level }) => level === "error")).toHaveLength(1);
    const ids = await publish(queue, name, 2);
    await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
  },
);

it("[AMQP-5] sends a message that was routed to another queue to the dead letters", async () => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000 });
  await withChannel(url, async (channel) => {
    await channel.bindQueue(name, `${prefix}.tasks`, "another-name");
    channel.publish(`${prefix}.tasks`, "another-name", Buffer.from("{}"), properties);
    expect((await getOne(channel, `${prefix}.dead`)).properties.messageId).toBe("an-id");
  });
  expect(taking.works).toHaveLength(0);
});

it("[AMQP-5] sends what its handler drops to the dead letters", async () => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const name = aName();
  const onWork = ({ delivery, end }: { delivery: { drop(): void }; end(): void }): void => {
    delivery.drop();
    end();
  };
  await take(queue, name, { slots: 1, holdMs: 60_000, onWork });
  const [id] = await publish(queue, name, 1);
  const dead = await withChannel(url, (channel) => getOne(channel, `${prefix}.dead`));
  expect(dead.properties.messageId).toBe(id);
});

it("[AMQP-5] reads a message of a minor version of the future", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000 });
  const later = { ...properties, headers: { ...headers, "mayfly-version": "1.7", "mayfly-more": true } };
  await withChannel(url, async (channel) => {
    channel.publish("mayfly.tasks", name, Buffer.from("{}"), later);
    await vi.waitFor(() => expect(taking.ids()).toEqual(["an-id"]), patience);
  });
});
