import { type ConsumeDeadOptions, type Consumer, type ConsumeOptions, QueueError, type TaskQueue } from "@mayfly/queue";
import { type Clock, errorMessage, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Announcement } from "@mayfly/task";
import type { ChannelModel } from "amqplib";
import { AmqpConnection, closedError } from "./amqp-connection.ts";
import { AmqpConsumer } from "./amqp-consumer.ts";
import { DeadLetterConsumer } from "./dead-letter-consumer.ts";
import { type PublishAnswer, Publisher } from "./publisher.ts";
import { onThrowawayChannel, replyCodeOf } from "./throwaway-channel.ts";
import { declareQueue, declareSharedIfAllowed, type Topology, topologyOf } from "./topology.ts";

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

/** How long a close waits for confirms, in milliseconds: what is not confirmed by then stays in the store's outbox. */
const closePatienceMs = 5_000;
const accessRefused = 403;
/** The broker has a queue of that name that is exclusive, or that has other arguments. */
const conflicts: readonly (number | undefined)[] = [405, 406];

/**
 * The queue port on RabbitMQ: durable quorum queues, publisher confirms, and a consumer window that never takes more than
 * there are slots. One connection publishes and declares, a second one, made with the first consumer, consumes; each is
 * made again whenever it is lost, with all that was declared and consumed.
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
  readonly #consumers = new Set<AmqpConsumer | DeadLetterConsumer>();
  /** The connections while they are up. */
  #publishModel: ChannelModel | undefined;
  #consumeModel: ChannelModel | undefined;
  #closing: Promise<void> | undefined;

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
      isRefusalFinal: true,
      onUp: (model) => this.#setUp(model),
      onDown: () => {
        this.#publishModel = undefined;
        this.#publisher.detach();
      },
    });
    this.#consuming = new AmqpConnection({
      ...shared,
      name: `${prefix} consumer`,
      isRefusalFinal: false,
      onUp: async (model) => {
        this.#consumeModel = model;
        for (const consumer of this.#consumers) consumer.attach(model);
      },
      onDown: () => {
        this.#consumeModel = undefined;
        for (const consumer of this.#consumers) consumer.detach();
      },
    });
  }

  get canPublish(): boolean {
    return this.#closing === undefined && this.#publisher.canPublish;
  }

  open(): Promise<void> {
    return this.#closing === undefined ? this.#publishing.open() : Promise.reject(closedError());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** {@link AmqpQueue.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * {@link TaskQueue.declare}
   *
   * @throws QueueError `conflict`, or `refused` when this user may not declare the queue
   */
  async declare(name: string): Promise<"declared" | "deferred"> {
    this.#declared.add(name);
    const model = this.#publishModel;
    if (model === undefined) return "deferred";
    try {
      await onThrowawayChannel(this.#clock, model, (channel) => declareQueue(channel, this.#topology, name));
      return "declared";
    } catch (error) {
      const refusal = declarationRefusal(name, error);
      if (refusal === undefined) {
        this.#logger.warn({ queue: name, error: errorMessage(error) }, "queue not declared yet");
        return "deferred";
      }
      this.#declared.delete(name);
      throw refusal;
    }
  }

  async remove(name: string): Promise<void> {
    this.#declared.delete(name);
    const model = this.#publishModel;
    if (model === undefined) throw new QueueError("unavailable", `The broker is away: queue ${name} is not removed.`);
    try {
      // Not `ifEmpty`, `ifUnused`: they close the whole connection when the queue is a quorum queue.
      await onThrowawayChannel(this.#clock, model, (channel) => channel.deleteQueue(name));
    } catch (error) {
      throw new QueueError("unavailable", `Queue ${name} is not removed: ${errorMessage(error)}`, { cause: error });
    }
  }

  async publish(message: Announcement): Promise<PublishAnswer> {
    return this.#closing === undefined ? await this.#publisher.publish(message) : "unknown";
  }

  async consume(name: string, options: ConsumeOptions): Promise<Consumer> {
    if (this.#closing === undefined) await this.declare(name);
    if (this.#closing !== undefined) throw closedError();
    const consumer = new AmqpConsumer({
      ...options,
      name,
      topology: this.#topology,
      clock: this.#clock,
      logger: this.#logger,
      onClosed: () => void this.#consumers.delete(consumer),
    });
    this.#start(consumer);
    return consumer;
  }

  async consumeDead(options: ConsumeDeadOptions): Promise<Consumer> {
    if (this.#closing === undefined) await this.#declareDead();
    if (this.#closing !== undefined) throw closedError();
    const consumer = new DeadLetterConsumer({
      ...options,
      topology: this.#topology,
      clock: this.#clock,
      logger: this.#logger,
      onClosed: () => void this.#consumers.delete(consumer),
    });
    this.#start(consumer);
    return consumer;
  }

  async ready(name: string): Promise<number | undefined> {
    const model = this.#publishModel;
    if (model === undefined) return undefined;
    try {
      const { messageCount } = await onThrowawayChannel(this.#clock, model, (channel) => channel.checkQueue(name));
      return messageCount;
    } catch {
      return undefined;
    }
  }

  #start(consumer: AmqpConsumer | DeadLetterConsumer): void {
    this.#consumers.add(consumer);
    if (this.#consumeModel !== undefined) consumer.attach(this.#consumeModel);
    // Rejects only when this queue is closed, and its consumers with it.
    this.#consuming.open().catch(() => undefined);
  }

  /** Tells of a conflict; the consumer's own channel declares again, whatever else becomes of this. */
  async #declareDead(): Promise<void> {
    const model = this.#publishModel;
    if (model === undefined) return;
    const { dead } = this.#topology;
    try {
      await declareSharedIfAllowed(this.#clock, this.#logger, model, this.#topology);
    } catch (error) {
      const refusal = declarationRefusal(dead, error);
      if (refusal !== undefined) throw refusal;
      this.#logger.warn({ queue: dead, error: errorMessage(error) }, "queue not declared yet");
    }
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    await this.#publisher.drained(closePatienceMs);
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  /** After each connect: the exchanges, every queue that was asked for, and then the publisher. */
  async #setUp(model: ChannelModel): Promise<void> {
    await declareSharedIfAllowed(this.#clock, this.#logger, model, this.#topology);
    // From here on `declare` has a connection, so that no name falls between it and the ones below.
    this.#publishModel = model;
    for (const name of this.#declared) {
      try {
        await onThrowawayChannel(this.#clock, model, (channel) => declareQueue(channel, this.#topology, name));
      } catch (error) {
        const refusal = declarationRefusal(name, error);
        if (refusal === undefined) throw error;
        this.#logger.error({ queue: name, error: refusal.message }, "queue not declared");
      }
    }
    await this.#publisher.attach(model);
  }
}

/** The error of a declaration that would fail again, or undefined when it may well succeed another time. */
function declarationRefusal(name: string, cause: unknown): QueueError | undefined {
  const code = replyCodeOf(cause);
  if (conflicts.includes(code)) {
    const message = `The broker has a queue ${name} with other arguments. Delete it, or use another name.`;
    return new QueueError("conflict", message, { cause });
  }
  if (code !== accessRefused) return undefined;
  return new QueueError("refused", `The broker does not let this user declare the queue ${name}.`, { cause });
}
