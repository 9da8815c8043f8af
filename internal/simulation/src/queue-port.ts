import type { ConsumeDeadOptions, Consumer, ConsumeOptions, Delivery, TaskQueue } from "@mayfly/queue";
import type { Announcement } from "@mayfly/task";
import type { Broker } from "./broker.ts";
import type { Kernel } from "./kernel.ts";
import type { Network } from "./network.ts";
import { settings } from "./settings.ts";
import { SimulatedConsumer } from "./simulated-consumer.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** What a {@link QueuePort} is made of. */
export interface QueuePortOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly broker: Broker;
  readonly process: SimulatedProcess;
}

type Published = Awaited<ReturnType<TaskQueue["publish"]>>;

/** The queue as one process sees it, over connections that are not to be trusted. */
export class QueuePort implements TaskQueue {
  readonly #options: QueuePortOptions;

  constructor(options: QueuePortOptions) {
    this.#options = options;
  }

  get canPublish(): boolean {
    return !this.#options.network.isBrokerAway;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  declare(name: string): Promise<"declared" | "deferred"> {
    return this.#answered(() => this.#options.broker.declare(name));
  }

  remove(name: string): Promise<void> {
    return this.#answered(() => this.#options.broker.queue.remove(name));
  }

  ready(name: string): Promise<number | undefined> {
    const { broker, network } = this.#options;
    return this.#answered(async () => (network.isBrokerAway ? undefined : await broker.queue.ready(name)));
  }

  publish(message: Announcement): Promise<Published> {
    const { kernel, network, broker, process } = this.#options;
    const fate = network.publishFate(settings.publishTimeoutMs);
    const unknown = (afterMs: number): Promise<Published> =>
      new Promise((resolve) => kernel.after(afterMs, () => resolve("unknown"), process));
    if (!process.isAlive) return new Promise(() => undefined);
    switch (fate.kind) {
      case "away":
        return unknown(fate.afterMs);
      case "late":
        // Whatever was on its way to a broker that is away is lost.
        kernel.after(fate.afterMs, () => network.isBrokerAway || void broker.take(message));
        return unknown(settings.publishTimeoutMs);
      case "confirm_lost":
        void broker.take(message);
        return unknown(settings.publishTimeoutMs);
      case "doubled":
        void broker.take(message);
        return this.#answered(() => broker.take(message));
      case "garbled":
        return this.#answered(() => broker.take({ ...message, body: message.body.slice(1) }));
      case "done":
        return this.#answered(() => broker.take(message));
    }
  }

  consume(name: string, options: ConsumeOptions): Promise<Consumer> {
    const { broker } = this.#options;
    return this.#consumer(name, options.slots, (consumer) =>
      broker.queue.consume(name, {
        ...options,
        onDelivery: (delivery) => this.#deliver(consumer, options, delivery),
      }),
    );
  }

  consumeDead(options: ConsumeDeadOptions): Promise<Consumer> {
    const { broker } = this.#options;
    return this.#consumer(undefined, options.slots, (consumer) =>
      broker.queue.consumeDead({
        ...options,
        onDeadLetter: (letter) => consumer.take(() => options.onDeadLetter(letter)),
      }),
    );
  }

  #consumer(
    queueName: string | undefined,
    slots: number,
    subscribe: (consumer: SimulatedConsumer) => Promise<Consumer>,
  ): Promise<Consumer> {
    const { consumers } = this.#options.broker;
    const onClosed = (closed: SimulatedConsumer): void => void consumers.delete(closed);
    const consumer = new SimulatedConsumer({ ...this.#options, queueName, slots, subscribe, onClosed });
    consumers.add(consumer);
    return this.#answered(async () => {
      consumer.connect();
      return consumer;
    });
  }

  /** The acknowledgement is sent when the delivery has been handled, or after `holdMs` if it is owned. */
  #deliver(consumer: SimulatedConsumer, options: ConsumeOptions, delivery: Delivery): Promise<void> {
    const { kernel, network, broker, process } = this.#options;
    let isSettled = false;
    const wrapped: Delivery = {
      message: delivery.message,
      redelivered: delivery.redelivered,
      owned: () => {
        if (isSettled) return;
        isSettled = true;
        kernel.after(options.holdMs, () => delivery.owned(), process);
      },
      drop: () => {
        if (isSettled) return;
        isSettled = true;
        delivery.drop();
      },
    };
    return consumer.take(async () => {
      try {
        await options.onDelivery(wrapped);
      } catch (error) {
        if (!isSettled) throw error;
      }
      if (network.losesAck()) await broker.take(delivery.message);
    });
  }

  /** Does `step` now and tells the process of it a moment later. */
  #answered<Answer>(step: () => Promise<Answer>): Promise<Answer> {
    const { kernel, network, process } = this.#options;
    return new Promise((resolve, reject) => {
      if (!process.isAlive) return;
      step().then(
        (answer) => kernel.after(network.latencyMs(), () => resolve(answer), process),
        (error: Error) => kernel.after(network.latencyMs(), () => reject(error), process),
      );
    });
  }
}
