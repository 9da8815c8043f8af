/**
 * The queue port: how tasks are handed to schedulers. {@link InMemoryQueue} is its in-process implementation;
 * `@mayfly/queue-amqp` implements it on RabbitMQ, and `@mayfly/queue/contract` proves either.
 *
 * ```ts
 * const queue = new InMemoryQueue();
 * await queue.open();
 * await queue.consume("hello", { slots: 8, holdMs: 60_000, onDelivery: async ({ message }) => handle(message) });
 * ```
 *
 * @packageDocumentation
 */
export type { ConsumeDeadOptions, Consumer, ConsumeOptions, DeadLetter, Delivery, TaskQueue } from "./task-queue.ts";
export { InMemoryQueue } from "./in-memory-queue.ts";
export { QueueError, type QueueErrorCode } from "./queue-error.ts";
