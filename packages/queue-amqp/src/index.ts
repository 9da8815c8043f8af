/**
 * The queue port on RabbitMQ.
 *
 * ```ts
 * const queue = new AmqpQueue({ url: "amqp://127.0.0.1:5672" });
 * await queue.open();
 * await queue.declare("hello");
 * ```
 *
 * @packageDocumentation
 */
export { AmqpQueue, type AmqpQueueOptions } from "./amqp-queue.ts";
