import { type Consumer, type ConsumeOptions, QueueError, type TaskQueue } from "@mayfly/queue";
import { type Clock, errorMessage, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Announcement } from "@mayfly/task";
import type { Channel, ChannelModel } from "amqplib";
import { AmqpConnection } from "./amqp-connection.ts";
import { AmqpConsumer } from "./amqp-consumer.ts";
import { Publisher } from "./publisher.ts";
import { declareQueue, declareShared, type Topology, topologyOf } from "./topology.ts";

/** What an {@link AmqpQueue} is made of. */
export interface AmqpQueueOptions {
  /** One URL, or several nodes of one cluster, comma-separated. */
  readonly url: string;
  /** What the names of exchanges begin with. One virtual host serves one deployment. @defaultValue `mayfly` */
  readonly prefix?: string | undefined;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** How many publishes may be in flight; more answer `unknown`. @defaultValue 256 */
  readonly window?: number | undefined;
  /** After how long without a confirm a publish answers `unknown`, in milliseconds. @defaultValue 30,000 */
  readonly confirmTimeoutMs?: number | undefined;
}

/**
 * The queue port on RabbitMQ: durable quorum queues, publisher confirms, and a consumer window that never takes more than
 * there are slots. One connection publishes and declares, a second one, made with the first consumer, consumes.
 *
 * ```ts
 * const queue = new AmqpQueue({ url: "amqp://127.0.0.1:5672" });
 * await queue.open();
 * ```
 */
export class AmqpQueue implements TaskQueue {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #topology: Topology;
  readonly #publisher: Publisher;
  readonly #publishing: AmqpConnection;
  readonly #consuming: AmqpConnection;
  readonly #declared = new Set<string>();
  readonly #consumers = new Set<AmqpConsumer>();
  #isClosed = false;

  constructor(options: AmqpQueueOptions) {
    const { clock = systemClock, logger = silentLogger, prefix = "mayfly" } = options;
    const shared = { urls: options.url.split(",").map((url) => url.trim()), clock, logger };
    this.#clock = clock;
    this.#logger = logger;
    this.#topology = topologyOf(prefix);
    this.#publisher = new Publisher({
      exchange: this.#topology.tasks,
      clock,
      logger,
      window: options.window ?? 256,
      confirmTimeoutMs: options.confirmTimeoutMs ?? 30_000,
    });
    this.#publishing = new AmqpConnection({
      ...shared,
      name: `${prefix} publisher`,
      onUp: async (model) => {
        await this.#declareAll(model);
        await this.#publisher.attach(model);
      },
      onDown: () => this.#publisher.detach(),
    });
    this.#consuming = new AmqpConnection({
      ...shared,
      name: `${prefix} consumer`,
      onUp: async (model) => {
        await Promise.all([...this.#consumers].map((consumer) => consumer.attach(model)));
      },
      onDown: () => {
        for (const consumer of this.#consumers) consumer.detach();
      },
    });
  }

  get canPublish(): boolean {
    return this.#publisher.canPublish;
  }

  open(): Promise<void> {
    return this.#publishing.open();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    await this.#publisher.drained();
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async declare(name: string): Promise<"declared" | "deferred"> {
    this.#declared.add(name);
    const model = this.#publishing.model;
    if (model === undefined) return "deferred";
    try {
      await this.#onThrowawayChannel(model, (channel) => declareQueue(channel, this.#topology, name));
      return "declared";
    } catch (error) {
      if (codeOf(error) === 406) {
        this.#declared.delete(name);
        throw new QueueError(
          "conflict",
          `The broker has a queue ${name} with other arguments. Delete it, or use another name.`,
          {
            cause: error,
          },
        );
      }
      this.#logger.warn(
        { queue: name, error: errorMessage(error) },
        "queue not declared, will be when the broker is back",
      );
      return "deferred";
    }
  }

  async remove(name: string): Promise<void> {
    this.#declared.delete(name);
    const model = this.#publishing.model;
    if (model === undefined) throw new QueueError("unavailable", `The broker is away: queue ${name} is not removed.`);
    try {
      await this.#onThrowawayChannel(model, (channel) => channel.deleteQueue(name));
    } catch (error) {
      throw new QueueError("unavailable", `Queue ${name} is not removed: ${errorMessage(error)}`, { cause: error });
    }
  }

  publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    return this.#publisher.publish(message);
  }

  async consume(name: string, options: ConsumeOptions): Promise<Consumer> {
    if (this.#isClosed) throw new QueueError("closed", "The queue has been closed.");
    const consumer = new AmqpConsumer({
      ...options,
      name,
      topology: this.#topology,
      clock: this.#clock,
      logger: this.#logger,
      onClosed: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    const model = this.#consuming.model;
    if (model !== undefined) await consumer.attach(model);
    // Its end is the close of this queue; until then it is made again and again, and the consumer with it.
    else
      this.#consuming
        .open()
        .catch((error: unknown) => this.#logger.debug({ error: errorMessage(error) }, "not consuming"));
    return consumer;
  }

  async ready(name: string): Promise<number | undefined> {
    const model = this.#publishing.model;
    if (model === undefined) return undefined;
    try {
      const queue = await this.#onThrowawayChannel(model, (channel) => channel.checkQueue(name));
      return queue.messageCount;
    } catch {
      return undefined;
    }
  }

  /** After each connect: the exchanges, and every queue that was asked for. */
  async #declareAll(model: ChannelModel): Promise<void> {
    await this.#onThrowawayChannel(model, (channel) => declareShared(channel, this.#topology));
    for (const name of this.#declared) {
      try {
        await this.#onThrowawayChannel(model, (channel) => declareQueue(channel, this.#topology, name));
      } catch (error) {
        if (codeOf(error) !== 406) throw error;
        this.#logger.error({ queue: name }, "broker has a queue of this name with other arguments");
      }
    }
  }

  /** A refused declaration closes its channel: each gets one of its own, so that nothing else is hurt. */
  async #onThrowawayChannel<T>(model: ChannelModel, step: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await model.createChannel();
    channel.on("error", (error) => this.#logger.debug({ error: error.message }, "channel closed by the broker"));
    try {
      return await step(channel);
    } finally {
      await channel.close().catch(() => undefined);
    }
  }
}

function codeOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "number"
    ? error.code
    : undefined;
}
