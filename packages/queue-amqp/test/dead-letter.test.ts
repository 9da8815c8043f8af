import type { DeadLetter } from "@mayfly/queue";
import { RecordingLogger } from "@mayfly/service/testing";
import { RabbitControl } from "@mayfly/test-services";
import type { Options } from "amqplib";
import { beforeAll, expect, inject, it, vi } from "vitest";
import { aName, anAnnouncement, anOpenQueue, patience, publish, take, untilLost, withChannel } from "./test-queue.ts";

const control = new RabbitControl(inject("rabbit"));
const vhost = "dead-letter";
let url: string;

beforeAll(async () => {
  url = await control.createVhost(vhost);
});

const headers = { "mayfly-version": "1", "mayfly-scheduled-at": 1, "mayfly-attempt": 0 };
const properties: Options.Publish = { messageId: "an-id", correlationId: "a-token", type: "mayfly.task", headers };

/** Publishes past the port, as somebody else would. */
async function publishRaw(exchange: string, key: string, how: Options.Publish): Promise<void> {
  await withChannel(url, async (channel) => {
    channel.publish(exchange, key, Buffer.from("{}"), how);
    // An answer: what was sent before has arrived.
    await channel.checkExchange(exchange);
  });
}

it.each([
  ["its id and token", { ...properties, type: "something.else" }, { id: "an-id", token: "a-token" }],
  ["nothing", {}, { id: undefined, token: undefined }],
])("[AMQP-36] tells of an unreadable message %s, as far as they are there", async (_, how, known) => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const name = aName();
  await take(queue, name, { slots: 1, holdMs: 60_000 });
  const letters: DeadLetter[] = [];
  await queue.consumeDead({ slots: 1, onDeadLetter: async (letter) => void letters.push(letter) });
  await publishRaw(`${prefix}.tasks`, name, how);
  await vi.waitFor(() => expect(letters).toHaveLength(1), patience);
  expect(letters).toStrictEqual([{ queue: name, reason: "rejected", ...known, message: undefined }]);
});

it("[AMQP-36] reads a message that came to a wrong queue as the one of the scheduler that it was sent to", async () => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const name = aName();
  await take(queue, name, { slots: 1, holdMs: 60_000 });
  const letters: DeadLetter[] = [];
  await queue.consumeDead({ slots: 1, onDeadLetter: async (letter) => void letters.push(letter) });
  await withChannel(url, (channel) => channel.bindQueue(name, `${prefix}.tasks`, "another"));
  const message = anAnnouncement("another");
  expect(await queue.publish(message)).toBe("confirmed");
  await vi.waitFor(() => expect(letters).toHaveLength(1), patience);
  const { id, token } = message;
  expect(letters).toStrictEqual([{ queue: name, reason: "rejected", id, token, message }]);
});

it("[AMQP-36] takes what was given back more often than the broker bears", async () => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const name = aName();
  await control.run("set_policy", "--vhost", vhost, "bears-1", `^${name}$`, '{"delivery-limit":1}');
  const options = { slots: 1, holdMs: 60_000, onDelivery: () => Promise.reject(new Error("The handling fails.")) };
  await queue.consume(name, options);
  const letters: DeadLetter[] = [];
  await queue.consumeDead({ slots: 1, onDeadLetter: async (letter) => void letters.push(letter) });
  const [id] = await publish(queue, name, 1);
  await vi.waitFor(() => expect(letters).toHaveLength(1), patience);
  expect(letters[0]).toMatchObject({ queue: name, reason: "delivery_limit", id, message: { id, scheduler: name } });
});

it("[AMQP-36] takes what somebody else has put there", async () => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const letters: DeadLetter[] = [];
  await queue.consumeDead({ slots: 1, onDeadLetter: async (letter) => void letters.push(letter) });
  await publishRaw(`${prefix}.dead`, "", { headers: { "x-death": "nonsense", "x-first-death-queue": 7 } });
  await publishRaw(`${prefix}.dead`, "", { headers: { "x-death": [null, { "routing-keys": [] }] } });
  await vi.waitFor(() => expect(letters).toHaveLength(2), patience);
  const unknown = { queue: undefined, reason: "unknown", id: undefined, token: undefined, message: undefined };
  expect(letters).toStrictEqual([unknown, unknown]);
});

it("[AMQP-37] holds a letter while its handling fails: the broker counts no further delivery", async () => {
  const prefix = aName();
  const logger = new RecordingLogger();
  const queue = await anOpenQueue({ url, prefix, logger });
  const name = aName();
  // Beyond this the broker would throw a letter away, as RabbitMQ 4 does after 20 deliveries.
  await control.run("set_policy", "--vhost", vhost, "bears-none", `^${prefix}\\.dead$`, '{"delivery-limit":0}');
  await take(queue, name, { slots: 1, holdMs: 60_000, onWork: ({ delivery }) => delivery.drop() });
  let failures = 0;
  let isHandled = false;
  await queue.consumeDead({
    slots: 1,
    onDeadLetter: async () => {
      if (failures++ < 2) throw new Error("The store is away.");
      isHandled = true;
    },
  });
  await publishRaw(`${prefix}.tasks`, name, {});
  await vi.waitFor(() => expect(isHandled).toBe(true), patience);
  await vi.waitFor(async () => expect(await queue.ready(`${prefix}.dead`)).toBe(0), patience);
  expect(logger.entries.filter(({ message }) => message.startsWith("dead letter not handled"))).toHaveLength(2);
});

it("[AMQP-37] handles no more letters than it has slots when those that it held come again", async () => {
  const own = "dead-letter-again";
  const ownUrl = await control.createVhost(own);
  const logger = new RecordingLogger();
  const queue = await anOpenQueue({ url: ownUrl, logger });
  const name = aName();
  const taking = await take(queue, name, {
    slots: 4,
    holdMs: 60_000,
    onWork: (work) => {
      work.delivery.drop();
      work.end();
    },
  });
  const ends: (() => void)[] = [];
  const ids: (string | undefined)[] = [];
  let running = 0;
  let most = 0;
  const dead = await queue.consumeDead({
    slots: 2,
    onDeadLetter: async (letter) => {
      most = Math.max(most, ++running);
      ids.push(letter.id);
      await new Promise<void>((resolve) => ends.push(resolve));
      running--;
    },
  });
  const published = await publish(queue, name, 4);
  await vi.waitFor(() => expect(running).toBe(2), patience);
  await control.closeConnections(own);
  await untilLost(logger, "connection to the broker lost", { connection: "mayfly consumer" });
  await vi.waitFor(() => expect(dead.isSubscribed && taking.consumer.isSubscribed).toBe(true), patience);
  for (let handled = 0; handled < 6; handled++) {
    await vi.waitFor(() => expect(ends.length).toBeGreaterThan(handled), patience);
    ends[handled]?.();
  }
  await vi.waitFor(() => expect(running).toBe(0), patience);
  await vi.waitFor(async () => expect(await queue.ready("mayfly.dead")).toBe(0), patience);
  expect(most).toBe(2);
  expect(new Set(ids)).toEqual(new Set(published));
  expect(ids).toHaveLength(6);
});

it("[AMQP-37] takes letters again when their queue was deleted", async () => {
  const prefix = aName();
  const logger = new RecordingLogger();
  const queue = await anOpenQueue({ url, prefix, logger });
  const letters: DeadLetter[] = [];
  const dead = await queue.consumeDead({ slots: 1, onDeadLetter: async (letter) => void letters.push(letter) });
  await vi.waitFor(() => expect(dead.isSubscribed).toBe(true), patience);
  await control.deleteQueue(vhost, `${prefix}.dead`);
  await untilLost(logger, "broker cancelled the consumer", { queue: `${prefix}.dead` });
  await vi.waitFor(() => expect(dead.isSubscribed).toBe(true), patience);
  await publishRaw(`${prefix}.dead`, "", {});
  await vi.waitFor(() => expect(letters).toHaveLength(1), patience);
});

it("[AMQP-37] gives back what it has not handled when it closes, though that goes on", async () => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  let endFirst: () => void = () => undefined;
  let count = 0;
  const first = await queue.consumeDead({
    slots: 1,
    onDeadLetter: () => {
      count++;
      return new Promise((resolve) => {
        endFirst = resolve;
      });
    },
  });
  await publishRaw(`${prefix}.dead`, "", properties);
  await vi.waitFor(() => expect(count).toBe(1), patience);
  await first.close();
  endFirst();
  const letters: DeadLetter[] = [];
  await queue.consumeDead({ slots: 1, onDeadLetter: async (letter) => void letters.push(letter) });
  await vi.waitFor(() => expect(letters).toMatchObject([{ id: "an-id" }]), patience);
});

it("[AMQP-2] refuses a dead-letter queue with other arguments, and nothing else is hurt", async () => {
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  await withChannel(url, async (channel) => {
    await channel.deleteQueue(`${prefix}.dead`);
    await channel.assertQueue(`${prefix}.dead`, { durable: true });
  });
  const options = { slots: 1, onDeadLetter: async () => undefined };
  await expect(queue.consumeDead(options)).rejects.toMatchObject({ code: "conflict" });
  const ids = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
});
