import { InMemoryQueue } from "@mayfly/queue";
import type { Announcement } from "@mayfly/task";
import type { Kernel } from "./kernel.ts";
import type { Network } from "./network.ts";
import type { SimulatedConsumer } from "./simulated-consumer.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** What a {@link Broker} is made of. */
export interface BrokerOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  /** Told of each message that the broker has taken. */
  readonly onTaken: (message: Announcement) => void;
}

/** The broker that all processes share, with the connections of its consumers. */
export class Broker {
  readonly queue: InMemoryQueue;
  /** Those that a process has and has not closed. */
  readonly consumers: Set<SimulatedConsumer> = new Set();
  /** The queues that are to be declared when the broker is back. */
  readonly #deferred = new Set<string>();
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #onTaken: BrokerOptions["onTaken"];

  constructor(options: BrokerOptions) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#onTaken = options.onTaken;
    this.queue = new InMemoryQueue({ clock: options.kernel.clock });
  }

  /** Takes a message, as it stands. */
  async take(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    const answer = await this.queue.publish(message);
    if (answer === "confirmed") this.#onTaken(message);
    return answer;
  }

  /** Declares a queue now, or when the broker is back. */
  async declare(name: string): Promise<"declared" | "deferred"> {
    if (this.#network.isBrokerAway) {
      this.#deferred.add(name);
      return "deferred";
    }
    return await this.queue.declare(name);
  }

  /** Goes away: connections are lost, and with them the acknowledgements that have not arrived. */
  goAway(): void {
    this.#network.isBrokerAway = true;
    for (const consumer of this.consumers) consumer.disconnect();
  }

  /** Is there again; the consumers come back one after the other. */
  comeBack(): void {
    this.#network.isBrokerAway = false;
    for (const name of this.#deferred) void this.queue.declare(name);
    this.#deferred.clear();
    for (const consumer of this.consumers) this.reconnect(consumer);
  }

  /** Lets a consumer come back after a while. */
  reconnect(consumer: SimulatedConsumer): void {
    this.#kernel.after(this.#network.reconnectMs(), () => consumer.connect(), consumer.process);
  }

  /** Gives up the connections of a process; they come back when it notices. */
  dropConnections(process: SimulatedProcess): void {
    for (const consumer of this.consumers) {
      if (consumer.process !== process) continue;
      consumer.disconnect();
      this.reconnect(consumer);
    }
  }

  /** Drops what waits in a queue. */
  async purge(name: string): Promise<void> {
    await this.queue.remove(name);
    await this.queue.declare(name);
  }

  /** Deletes a queue with all that is in it, also what has been handed out; its consumers declare it anew. */
  async delete(name: string): Promise<void> {
    const consumers = [...this.consumers].filter((consumer) => consumer.queueName === name);
    for (const consumer of consumers) consumer.disconnect();
    await this.queue.remove(name);
    for (const consumer of consumers) this.reconnect(consumer);
  }
}
