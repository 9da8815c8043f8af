import { RecordingLogger } from "@mayfly/service/testing";
import { RabbitControl } from "@mayfly/test-services";
import { beforeAll, expect, inject, it, vi } from "vitest";
import { ClosingBroker } from "./closing-broker.ts";
import { aName, anAnnouncement, anOpenQueue, aQueue, patience, publish, take, untilLost } from "./test-queue.ts";

const control = new RabbitControl(inject("rabbit"));
const vhost = "connection";
let url: string;

beforeAll(async () => {
  url = await control.createVhost(vhost);
});

it("[AMQP-28] connects again when the broker closes its connections, and takes what comes", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  const first = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(first), patience);
  for (let round = 0; round < 3; round++) {
    await control.closeConnections(vhost);
    let confirmed = "";
    await vi.waitFor(async () => {
      const message = anAnnouncement(name);
      expect(await queue.publish(message)).toBe("confirmed");
      confirmed = message.id;
    }, patience);
    // Not their number: what answered unknown may have arrived before, on the old connection.
    await vi.waitFor(() => expect(taking.ids()).toContain(confirmed), patience);
    expect(taking.consumer.isSubscribed).toBe(true);
  }
});

it("[AMQP-28] makes each of many consumers again once", async () => {
  const own = "many-consumers";
  const logger = new RecordingLogger();
  const queue = await anOpenQueue({ url: await control.createVhost(own), logger });
  const name = aName();
  const options = { slots: 1, holdMs: 60_000, onDelivery: async () => undefined };
  const consumers = await Promise.all(Array.from({ length: 30 }, () => queue.consume(name, options)));
  const allTake = async (): Promise<void> => {
    expect(consumers.every((consumer) => consumer.isSubscribed)).toBe(true);
    const status = (await control.listQueues(own)).find((each) => each.name === name);
    expect(status?.consumers).toBe(consumers.length);
  };
  await vi.waitFor(allTake, patience);
  await control.closeConnections(own);
  await untilLost(logger, "connection to the broker lost", { connection: "mayfly consumer" });
  await vi.waitFor(allTake, patience);
});

it("[AMQP-28] answers what is in flight when the connection is lost, and loses none that it confirmed", async () => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  await queue.declare(name);
  const messages = Array.from({ length: 200 }, () =>
    anAnnouncement(name, { body: JSON.stringify("x".repeat(10_000)) }),
  );
  const answering = Promise.all(messages.map((message) => queue.publish(message)));
  await control.closeConnections(vhost);
  const answers = await answering;
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  const taking = await take(queue, name, { slots: 50, holdMs: 60_000, onWork: (work) => work.end() });
  const confirmed = messages.filter((_, index) => answers[index] === "confirmed").map(({ id }) => id);
  const [last] = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toContain(last), patience);
  expect(taking.ids()).toEqual(expect.arrayContaining(confirmed));
});

it("[AMQP-29] leaves no connection behind, whatever it was doing", async () => {
  const own = "left-behind";
  const ownUrl = await control.createVhost(own);
  const connections = async (): Promise<number> => {
    const rows: unknown = JSON.parse(await control.run("list_connections", "--formatter", "json", "vhost"));
    return Array.isArray(rows) ? rows.filter((row: { readonly vhost: string }) => row.vhost === own).length : -1;
  };
  const queues = await Promise.all([anOpenQueue({ url: ownUrl }), anOpenQueue({ url: ownUrl })]);
  const name = aName();
  const takings = await Promise.all(queues.map((queue) => take(queue, name, { slots: 1, holdMs: 60_000 })));
  await publish(queues[0], name, 3);
  await vi.waitFor(() => expect(takings.map((taking) => taking.running())).toEqual([1, 1]), patience);
  await vi.waitFor(async () => expect(await connections()).toBe(4), patience);
  const lost = queues[0].publish(anAnnouncement(name));
  await Promise.all(queues.map((queue) => queue.close()));
  expect(["confirmed", "unknown"]).toContain(await lost);
  await vi.waitFor(async () => expect(await connections()).toBe(0), patience);
  for (const taking of takings) for (const work of taking.works) work.end();
});

it("[AMQP-28] goes on when the broker closes a connection in the breath in which it opens it", async () => {
  const { port } = inject("rabbit");
  await using broker = await ClosingBroker.start(port);
  const queue = aQueue({ url: url.replace(`:${port}/`, `:${broker.port}/`) });
  broker.closes = 2;
  await queue.open();
  const name = aName();
  broker.closes = 2;
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  expect(broker.closes).toBe(0);
  const ids = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
  await queue.close();
});

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;

it("[AMQP-29] leaves no socket behind when it is closed while it connects", async () => {
  const before = sockets();
  for (let turns = 0; turns < 20; turns++) {
    const queue = aQueue({ url });
    const opening = queue.open().catch((error: unknown) => error);
    const options = { slots: 1, holdMs: 60_000, onDelivery: async () => undefined };
    const consuming = queue.consume(aName(), options).catch((error: unknown) => error);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    await queue.close();
    await Promise.all([opening, consuming]);
  }
  await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before), patience);
});
