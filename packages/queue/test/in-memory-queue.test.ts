import { randomUUID } from "node:crypto";
import { type ConsumeOptions, InMemoryQueue } from "@mayfly/queue";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import type { Announcement } from "@mayfly/task";
import { expect, it } from "vitest";

function anAnnouncement(): Announcement {
  return { id: randomUUID(), scheduler: "hello", body: "{}", token: randomUUID(), scheduledAt: 0, attempt: 0 };
}

function handledBy(onDelivery: ConsumeOptions["onDelivery"]): ConsumeOptions {
  return { slots: 1, holdMs: 60_000, onDelivery };
}

it("[QUEUE-11] hands out again what was rejected after a pause, before what came later", async () => {
  const clock = new ManualClock();
  await using queue = new InMemoryQueue({ clock });
  await queue.declare("hello");
  const [first, second] = [anAnnouncement(), anAnnouncement()];
  const ids: string[] = [];
  const consumer = await queue.consume(
    "hello",
    handledBy(async ({ message }) => {
      ids.push(message.id);
      throw new Error("This handling fails.");
    }),
  );
  await queue.publish(first);
  await clock.advance(99);
  expect(ids).toEqual([first.id]);
  await clock.advance(1);
  expect(ids).toEqual([first.id, first.id]);
  await consumer.cancel();
  await queue.publish(second);
  await clock.advance(100);
  expect(await queue.ready("hello")).toBe(2);
  await queue.consume(
    "hello",
    handledBy(async ({ message }) => void ids.push(message.id)),
  );
  await clock.advance(0);
  expect(ids.slice(2)).toEqual([first.id, second.id]);
});

it("[QUEUE-11] takes a handler that throws at once for one that fails, and the publisher hears nothing of it", async () => {
  const clock = new ManualClock();
  await using queue = new InMemoryQueue({ clock });
  let count = 0;
  await queue.consume(
    "hello",
    handledBy(() => {
      if (count++ === 0) throw new Error("This handling fails at once.");
      return Promise.resolve();
    }),
  );
  expect(await queue.publish(anAnnouncement())).toBe("confirmed");
  await clock.advance(100);
  expect(count).toBe(2);
});

it("[QUEUE-12] says once what was dropped", async () => {
  const logger = new RecordingLogger();
  await using queue = new InMemoryQueue({ logger });
  const message = anAnnouncement();
  await queue.consume(
    "hello",
    handledBy(async (delivery) => {
      delivery.drop();
      delivery.drop();
    }),
  );
  await queue.publish(message);
  expect(logger.entries).toEqual([
    { level: "error", message: "message dropped", fields: { queue: "hello", task: message.id } },
  ]);
});

it("[QUEUE-16] leaves no timer behind", async () => {
  const clock = new ManualClock();
  const queue = new InMemoryQueue({ clock });
  await queue.consume(
    "hello",
    handledBy(() => new Promise(() => undefined)),
  );
  await queue.publish(anAnnouncement());
  await queue.close();
  expect(clock.pendingTimers).toBe(0);
});
