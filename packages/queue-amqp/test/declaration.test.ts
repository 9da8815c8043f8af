import { QueueError } from "@mayfly/queue";
import { RabbitControl } from "@mayfly/test-services";
import { beforeAll, expect, inject, it, vi } from "vitest";
import { aName, anAnnouncement, anOpenQueue, patience, publish, take, type Work, withChannel } from "./test-queue.ts";

const control = new RabbitControl(inject("rabbit"));
const vhost = "declaration";
let url: string;

beforeAll(async () => {
  url = await control.createVhost(vhost);
});

const arguments_ = (name: string) => ({
  "x-queue-type": "quorum",
  "x-dead-letter-exchange": "mayfly.dead",
  "x-dead-letter-routing-key": name,
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
});

it("[AMQP-1] declares exactly the exchanges, queues and bindings of the protocol", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  expect(await queue.declare(name)).toBe("declared");

  const columns = ["name", "type", "durable", "auto_delete", "arguments"];
  const list = async (what: string, ...names: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
    JSON.parse(await control.run(what, "--vhost", vhost, "--formatter", "json", ...names)) as Record<string, unknown>[];
  const exchanges = (await list("list_exchanges", "name", "type", "durable")).filter(({ name: exchange }) =>
    String(exchange).startsWith("mayfly"),
  );
  expect(exchanges).toHaveLength(2);
  expect(exchanges).toContainEqual({ name: "mayfly.tasks", type: "direct", durable: true });
  expect(exchanges).toContainEqual({ name: "mayfly.dead", type: "fanout", durable: true });
  const bindings = await list("list_bindings", "source_name", "destination_name", "routing_key");
  expect(bindings).toContainEqual({ source_name: "mayfly.tasks", destination_name: name, routing_key: name });
  expect(bindings).toContainEqual({
    source_name: "mayfly.dead",
    destination_name: "mayfly.dead",
    routing_key: "",
  });
  const queues = await list("list_queues", ...columns.filter((column) => column !== "type"), "type");
  const shapes = new Map(queues.map((each) => [each["name"], each]));
  for (const each of [name, "mayfly.dead"])
    expect(shapes.get(each)).toMatchObject({ durable: true, auto_delete: false, type: "quorum" });
  // A declaration with other arguments, or with one more or less, is refused by the broker.
  await withChannel(url, async (channel) => {
    await channel.assertQueue(name, { durable: true, arguments: arguments_(name) });
    await channel.assertQueue("mayfly.dead", { durable: true, arguments: { "x-queue-type": "quorum" } });
  });
});

it("[AMQP-1] takes another prefix for the exchanges, not for the queues", async () => {
  const queue = await anOpenQueue({ url, prefix: "other" });
  const name = aName();
  await queue.declare(name);
  await withChannel(url, async (channel) => {
    await channel.checkExchange("other.tasks");
    await channel.checkExchange("other.dead");
    await channel.checkQueue(name);
  });
  // The exchanges of the default prefix do not know it.
  const plain = await anOpenQueue({ url });
  expect(await plain.publish(anAnnouncement(name))).toBe("unroutable");
  expect(await queue.publish(anAnnouncement(name))).toBe("confirmed");
});

it("[AMQP-2] refuses a queue of that name with other arguments, and nothing else is hurt", async () => {
  const queue = await anOpenQueue({ url });
  const good = aName();
  const bad = aName();
  await withChannel(url, (channel) => channel.assertQueue(bad, { durable: true }));
  const taking = await take(queue, good, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  const conflict = await queue.declare(bad).catch((error: unknown) => error);
  expect(QueueError.is(conflict) && conflict.code).toBe("conflict");
  const options = { slots: 1, holdMs: 60_000, onDelivery: async () => undefined };
  await expect(queue.consume(bad, options)).rejects.toMatchObject({ code: "conflict" });
  expect(queue.canPublish).toBe(true);
  expect(taking.consumer.isSubscribed).toBe(true);
  const ids = await publish(queue, good, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
});

it("[AMQP-2] goes on with the others when a queue has got other arguments while it was consumed, and later with it", async () => {
  const queue = await anOpenQueue({ url });
  const [good, bad] = [aName(), aName()];
  const options = { slots: 1, holdMs: 60_000, onWork: (work: Work) => work.end() };
  const [taking, refused] = [await take(queue, good, options), await take(queue, bad, options)];
  // Its consumer may be quicker, and declare it as it was.
  await vi.waitFor(async () => {
    await withChannel(url, async (channel) => {
      await channel.deleteQueue(bad);
      await channel.assertQueue(bad, { durable: true });
    });
  }, patience);
  await vi.waitFor(() => expect(refused.consumer.isSubscribed).toBe(false), patience);
  await expect(queue.declare(bad)).rejects.toMatchObject({ code: "conflict" });
  const ids = await publish(queue, good, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
  await withChannel(url, (channel) => channel.deleteQueue(bad));
  await vi.waitFor(() => expect(refused.consumer.isSubscribed).toBe(true), patience);
  const later = await publish(queue, bad, 1);
  await vi.waitFor(() => expect(refused.ids()).toEqual(later), patience);
});

it("[AMQP-3] publishes and asks with the right to write to one exchange only", async () => {
  const owner = await anOpenQueue({ url });
  const name = aName();
  await owner.declare(name);
  await control.run("add_user", "writer", "a-secret");
  await control.run("set_permissions", "--vhost", vhost, "writer", "^$", "^mayfly\\.tasks$", "^$");
  const writer = await anOpenQueue({ url: url.replace("guest:guest", "writer:a-secret") });
  await publish(writer, name, 1);
  expect(await writer.ready(name)).toBe(1);
  await expect(writer.declare(aName())).rejects.toMatchObject({ code: "refused" });
  await publish(writer, name, 1);
});
