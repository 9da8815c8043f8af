import { EventEmitter } from "node:events";
import type { ChannelModel, ConsumeMessage } from "amqplib";

/** What amqplib calls when a message is confirmed (null), or refused. */
type Confirm = (error: unknown) => void;

/** A channel that does what a test says, and remembers what it was asked. */
export class ScriptedChannel extends EventEmitter {
  /** Is called with each message, and with null when the broker cancels the consumer. */
  onMessage: ((message: ConsumeMessage | null) => void) | undefined;
  /** What waits for its confirm, by the message's id. */
  readonly published = new Map<string, Confirm>();
  /** The ids of the messages that were acknowledged. */
  readonly acknowledged: string[] = [];
  isClosed = false;
  prefetched = 0;
  readonly #onDeclare: (channel: ScriptedChannel) => void;
  #deliveries = 0;

  constructor(onDeclare: (channel: ScriptedChannel) => void) {
    super();
    this.#onDeclare = onDeclare;
  }

  async assertExchange(): Promise<void> {}

  async assertQueue(): Promise<void> {}

  async bindQueue(): Promise<void> {
    this.#onDeclare(this);
  }

  async prefetch(count: number): Promise<void> {
    this.prefetched = count;
  }

  async consume(_: string, onMessage: (message: ConsumeMessage | null) => void): Promise<{ consumerTag: string }> {
    if (this.isClosed) throw new Error("Channel closed");
    this.onMessage = onMessage;
    return { consumerTag: "a-tag" };
  }

  async cancel(): Promise<void> {
    this.onMessage = undefined;
  }

  publish(_exchange: string, _key: string, _body: Buffer, how: { messageId: string }, onConfirm: Confirm): void {
    this.published.set(how.messageId, onConfirm);
  }

  /** Tells that a message is confirmed, or refused. */
  answer(id: string, answer: "ack" | "nack"): void {
    this.emit(answer);
    this.published.get(id)?.(answer === "ack" ? null : new Error("message nacked"));
    this.published.delete(id);
  }

  ack(message: ConsumeMessage): void {
    if (this.isClosed) throw new Error("Channel closed");
    this.acknowledged.push(String(message.properties.messageId));
  }

  async close(): Promise<void> {
    this.lose();
  }

  /** The channel is gone, as amqplib tells it. */
  lose(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.emit("close");
    for (const onConfirm of this.published.values()) onConfirm(new Error("channel closed"));
  }

  /** Hands out a message for the queue `name`. */
  deliver(name: string, id: string, tag: string): void {
    const headers = { "mayfly-version": "1", "mayfly-scheduled-at": 1, "mayfly-attempt": 0 };
    const fields = { deliveryTag: ++this.#deliveries, consumerTag: tag, redelivered: false, routingKey: name };
    const properties = { messageId: id, correlationId: "a-token", type: "mayfly.task", headers };
    this.onMessage?.({ fields, properties, content: Buffer.from("{}") } as unknown as ConsumeMessage);
  }
}

/** A connection on which a test opens and closes channels by hand. */
export class ScriptedModel extends EventEmitter {
  /** In the order in which they were opened. */
  readonly channels: ScriptedChannel[] = [];
  isClosed = false;
  /** Is called for each declaration. */
  onDeclare: (channel: ScriptedChannel) => void = () => undefined;

  /** As amqplib's own, of which a consumer uses no more than this. */
  get model(): ChannelModel {
    return this as unknown as ChannelModel;
  }

  async createChannel(): Promise<ScriptedChannel> {
    const channel = new ScriptedChannel((declared) => this.onDeclare(declared));
    this.channels.push(channel);
    return channel;
  }

  createConfirmChannel(): Promise<ScriptedChannel> {
    return this.createChannel();
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
