import { type Clock, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Announcement } from "@mayfly/task";
import { InMemoryConsumer, type QueuedMessage } from "./in-memory-consumer.ts";
import { InMemoryDeadLetters } from "./in-memory-dead-letters.ts";
import { QueueError } from "./queue-error.ts";
import type { ConsumeDeadOptions, Consumer, ConsumeOptions, TaskQueue } from "./task-queue.ts";

/** Options of {@link InMemoryQueue}. */
export interface InMemoryQueueOptions {
  /** Measures the pause of a message that was given back. @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** Is told of dropped messages. @defaultValue silent */
  readonly logger?: Logger | undefined;
}

interface NamedQueue {
  readonly waiting: QueuedMessage[];
  /** In turn: the one that was served last is at the end. */
  readonly consumers: InMemoryConsumer[];
}

/** A message that was given back waits so long, in milliseconds, so that one that always fails makes no busy loop. */
const giveBackPauseMs = 100;

/**
 * The queue of one process: everything lives in its memory and is lost with it. What `createStandalone` runs on, and the
 * yardstick for other queues.
 */
export class InMemoryQueue implements TaskQueue {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #queues = new Map<string, NamedQueue>();
  readonly #dead: InMemoryDeadLetters;
  #isClosed = false;

  constructor(options: InMemoryQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#dead = new InMemoryDeadLetters(this.#clock);
  }

  /** Whether it has not been closed. */
  get canPublish(): boolean {
    return !this.#isClosed;
  }

  async open(): Promise<void> {
    if (this.#isClosed) throw new QueueError("closed", "The queue has been closed.");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const consumers = [...this.#queues.values()].flatMap((queue) => queue.consumers);
    await Promise.all([this.#dead, ...consumers].map((each) => each.close()));
  }

  async declare(name: string): Promise<"declared"> {
    this.#declared(name);
    return "declared";
  }

  async remove(name: string): Promise<void> {
    const queue = this.#queues.get(name);
    if (queue === undefined) return;
    queue.waiting.length = 0;
    if (queue.consumers.length === 0) this.#queues.delete(name);
  }

  async publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    if (this.#isClosed) return "unknown";
    const queue = this.#queues.get(message.scheduler);
    if (queue === undefined) return "unroutable";
    queue.waiting.push({ message, redelivered: false });
    this.#serve(queue);
    return "confirmed";
  }

  async consume(name: string, options: ConsumeOptions): Promise<Consumer> {
    if (this.#isClosed) throw new QueueError("closed", "The queue has been closed.");
    const queue = this.#declared(name);
    const consumer = new InMemoryConsumer({
      ...options,
      onFree: () => this.#serve(queue),
      onGivenBack: (message) => this.#giveBack(queue, message),
      onDropped: (message) => this.#bury(name, message),
      onClosed: () => void queue.consumers.splice(queue.consumers.indexOf(consumer), 1),
    });
    queue.consumers.push(consumer);
    this.#serve(queue);
    return consumer;
  }

  async consumeDead(options: ConsumeDeadOptions): Promise<Consumer> {
    if (this.#isClosed) throw new QueueError("closed", "The queue has been closed.");
    return this.#dead.consume(options);
  }

  async ready(name: string): Promise<number | undefined> {
    return this.#queues.get(name)?.waiting.length;
  }

  /** {@link InMemoryQueue.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #declared(name: string): NamedQueue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = { waiting: [], consumers: [] };
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #bury(queue: string, message: Announcement): void {
    const { id, token } = message;
    this.#logger.error({ queue, task: id }, "message dropped");
    this.#dead.add({ queue, reason: "rejected", id, token, message });
  }

  #giveBack(queue: NamedQueue, message: QueuedMessage): void {
    if (this.#isClosed) return;
    this.#clock.setTimer(giveBackPauseMs, () => {
      queue.waiting.unshift(message);
      this.#serve(queue);
    });
  }

  /** Hands out what waits, to consumers in turn, while one has a free slot. */
  #serve(queue: NamedQueue): void {
    while (queue.waiting.length > 0) {
      const turn = queue.consumers.findIndex((consumer) => consumer.hasFreeSlot);
      if (turn < 0) return;
      const [consumer] = queue.consumers.splice(turn, 1);
      const message = queue.waiting.shift();
      if (consumer === undefined || message === undefined) return;
      queue.consumers.push(consumer);
      void consumer.deliver(message);
    }
  }
}
