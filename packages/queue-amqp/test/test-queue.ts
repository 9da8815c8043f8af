import { randomUUID } from "node:crypto";
import type { LogEntry, RecordingLogger } from "@mayfly/service/testing";
import type { ConsumeOptions, Consumer, Delivery } from "@mayfly/queue";
import { AmqpQueue, type AmqpQueueOptions } from "@mayfly/queue-amqp";
import type { Announcement } from "@mayfly/task";
import { type Channel, connect } from "amqplib";
import { expect, onTestFinished, vi } from "vitest";

/** A run of `rabbitmqctl` takes seconds on a busy machine, and some tests need many. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Longer than anything takes on a busy machine. */
export const patience: { readonly timeout: number; readonly interval: number } = { timeout: 20_000, interval: 20 };

/** A queue that is closed when the test ends; not open yet. */
export function aQueue(options: AmqpQueueOptions): AmqpQueue {
  const queue = new AmqpQueue(options);
  onTestFinished(() => queue.close());
  return queue;
}

/** A queue that has reached the broker. */
export async function anOpenQueue(options: AmqpQueueOptions): Promise<AmqpQueue> {
  const queue = aQueue(options);
  await queue.open();
  return queue;
}

/** A name for a queue that nobody else has. */
export function aName(): string {
  return `test-${randomUUID()}`;
}

/** A message for the queue `scheduler`. */
export function anAnnouncement(scheduler: string, overrides: Partial<Announcement> = {}): Announcement {
  const scheduledAt = Date.UTC(2026, 0, 1);
  return { id: randomUUID(), scheduler, body: "{}", token: randomUUID(), scheduledAt, attempt: 0, ...overrides };
}

/** Publishes so many messages, which must be confirmed, and gives their ids. */
export async function publish(queue: AmqpQueue, name: string, count: number): Promise<readonly string[]> {
  const messages = Array.from({ length: count }, () => anAnnouncement(name));
  const answers = await Promise.all(messages.map((message) => queue.publish(message)));
  expect(answers).toEqual(messages.map(() => "confirmed"));
  return messages.map(({ id }) => id);
}

/** Resolves when the log has told of a loss: what was lost may be back before anybody looks. */
export async function untilLost(logger: RecordingLogger, message: string, fields: LogEntry["fields"]): Promise<void> {
  const told = expect.objectContaining({ message, fields });
  await vi.waitFor(() => expect(logger.entries).toContainEqual(told), patience);
}

/** A delivery whose handling goes on until the test ends it. */
export interface Work {
  readonly delivery: Delivery;
  end(): void;
}

/** A consumer whose deliveries stay until they are ended. */
export interface Taking {
  readonly consumer: Consumer;
  readonly works: readonly Work[];
  /** The ids of what came, in that order. */
  ids(): readonly string[];
  /** How many are being handled. */
  running(): number;
  /** How many were handled at once at the most. */
  most(): number;
}

/** Consumes, and waits until the broker knows. `onWork` is told of each delivery. */
export async function take(
  queue: AmqpQueue,
  name: string,
  options: Omit<ConsumeOptions, "onDelivery"> & { readonly onWork?: (work: Work) => void },
): Promise<Taking> {
  const { onWork, ...limits } = options;
  const works: Work[] = [];
  let running = 0;
  let most = 0;
  const consumer = await queue.consume(name, {
    ...limits,
    onDelivery: (delivery) =>
      new Promise((resolve) => {
        most = Math.max(most, ++running);
        let isOver = false;
        const end = (): void => {
          if (!isOver) running--;
          isOver = true;
          resolve();
        };
        const work: Work = { delivery, end };
        works.push(work);
        onWork?.(work);
      }),
  });
  await vi.waitFor(() => expect(consumer.isSubscribed).toBe(true), patience);
  return {
    consumer,
    works,
    ids: () => works.map(({ delivery }) => delivery.message.id),
    running: () => running,
    most: () => most,
  };
}

/** Lends a plain channel of amqplib. */
export async function withChannel<Result>(url: string, use: (channel: Channel) => Promise<Result>): Promise<Result> {
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    channel.on("error", () => undefined);
    return await use(channel);
  } finally {
    await connection.close();
  }
}
