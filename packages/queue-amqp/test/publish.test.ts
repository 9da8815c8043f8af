import { RabbitControl, type RabbitServer, startRabbit } from "@mayfly/test-services";
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { aName, anAnnouncement, anOpenQueue, patience, publish, take, withChannel } from "./test-queue.ts";

/** A node whose memory and pace only this file decides on. */
let rabbit: RabbitServer;

beforeAll(async () => {
  rabbit = await startRabbit();
});
afterAll(() => rabbit.remove());

it("[AMQP-6] has no more publishes in flight than its window; the others answer unknown at once", async () => {
  const queue = await anOpenQueue({ url: rabbit.url, window: 3 });
  const name = aName();
  await queue.declare(name);
  rabbit.pause();
  try {
    const inFlight = Array.from({ length: 3 }, () => queue.publish(anAnnouncement(name)));
    expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
    expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
    rabbit.resume();
    expect(await Promise.all(inFlight)).toEqual(["confirmed", "confirmed", "confirmed"]);
  } finally {
    rabbit.resume();
  }
  await publish(queue, name, 3);
  await vi.waitFor(async () => expect(await queue.ready(name)).toBe(6), patience);
});

it("[AMQP-6] keeps 256 in flight unless it is told otherwise", async () => {
  const queue = await anOpenQueue({ url: rabbit.url });
  const name = aName();
  await queue.declare(name);
  const answers = await Promise.all(Array.from({ length: 300 }, () => queue.publish(anAnnouncement(name))));
  expect(answers.filter((answer) => answer === "confirmed")).toHaveLength(256);
  expect(answers.slice(256).every((answer) => answer === "unknown")).toBe(true);
});

it("[AMQP-6] answers unknown when no confirm has come in time", async () => {
  const queue = await anOpenQueue({ url: rabbit.url, confirmTimeoutMs: 4_000 });
  const name = aName();
  await queue.declare(name);
  rabbit.pause();
  try {
    expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
  } finally {
    rabbit.resume();
  }
  await publish(queue, name, 1);
});

it("[AMQP-6] answers unknown when the queue takes no more", async () => {
  const control = rabbit.control;
  const vhost = "full";
  const queue = await anOpenQueue({ url: await control.createVhost(vhost) });
  const name = aName();
  await queue.declare(name);
  await control.run("set_policy", "--vhost", vhost, "short", "^test-", '{"max-length":1}', "--apply-to", "queues");
  // The limit is soft: some more get in.
  await vi.waitFor(async () => expect(await queue.publish(anAnnouncement(name))).toBe("unknown"), patience);
});

it("[AMQP-7] publishes nothing during a memory alarm, and goes on consuming and then publishing", async () => {
  const queue = await anOpenQueue({ url: rabbit.url, confirmTimeoutMs: 8_000 });
  const name = aName();
  await queue.declare(name);
  const ids = await publish(queue, name, 2);
  await rabbit.control.raiseMemoryAlarm();
  try {
    const first = queue.publish(anAnnouncement(name));
    await vi.waitFor(() => expect(queue.canPublish).toBe(false), patience);
    const startedAt = performance.now();
    expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(await first).toBe("unknown");
    const taking = await take(queue, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
    await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
    await taking.consumer.close();
  } finally {
    await rabbit.control.clearMemoryAlarm();
  }
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  await publish(queue, name, 1);
});

it("[AMQP-7] still counts a confirm that the memory alarm has held up", async () => {
  const queue = await anOpenQueue({ url: rabbit.url });
  const name = aName();
  await queue.declare(name);
  await rabbit.control.raiseMemoryAlarm();
  let late: Promise<string>;
  try {
    late = queue.publish(anAnnouncement(name));
    await vi.waitFor(() => expect(queue.canPublish).toBe(false), patience);
  } finally {
    await rabbit.control.clearMemoryAlarm();
  }
  expect(await late).toBe("confirmed");
});

it("[AMQP-7] comes back when its channel is closed by the broker", async () => {
  const control = new RabbitControl(inject("rabbit"));
  const url = await control.createVhost("publish-channel");
  const prefix = aName();
  const queue = await anOpenQueue({ url, prefix });
  const name = aName();
  await queue.declare(name);
  await withChannel(url, (channel) => channel.deleteExchange(`${prefix}.tasks`));
  expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  await publish(queue, name, 1);
});
