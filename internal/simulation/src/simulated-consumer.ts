import type { Consumer } from "@mayfly/queue";
import type { Kernel } from "./kernel.ts";
import type { Network } from "./network.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** What a {@link SimulatedConsumer} is made of. */
export interface SimulatedConsumerOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly process: SimulatedProcess;
  /** Whose messages it takes; undefined: the dead letters. */
  readonly queueName: string | undefined;
  readonly slots: number;
  /** Subscribes at the broker; what it gets is handed to {@link SimulatedConsumer.take}. */
  readonly subscribe: (consumer: SimulatedConsumer) => Promise<Consumer>;
  /** Told when the process wants no more of it. */
  readonly onClosed: (consumer: SimulatedConsumer) => void;
}

/**
 * A consumer of one process over a connection that can be lost: then the broker hands out again what it has not been told
 * of, while the process goes on with it.
 */
export class SimulatedConsumer implements Consumer {
  readonly process: SimulatedProcess;
  readonly queueName: string | undefined;
  readonly #options: SimulatedConsumerOptions;
  readonly #waiting: (() => void)[] = [];
  #connection: Promise<Consumer> | undefined;
  #running = 0;
  #isCancelled = false;

  constructor(options: SimulatedConsumerOptions) {
    this.#options = options;
    this.process = options.process;
    this.queueName = options.queueName;
    options.process.onDeath(() => void this.close());
  }

  get isSubscribed(): boolean {
    return this.#connection !== undefined && !this.#isCancelled;
  }

  /** Subscribes, if the broker is there and the consumer still wants messages. */
  connect(): void {
    const { network, subscribe } = this.#options;
    if (this.#connection !== undefined || this.#isCancelled || network.isBrokerAway) return;
    this.#connection = subscribe(this);
  }

  /** Loses the connection. */
  disconnect(): void {
    void this.#connection?.then((connection) => connection.close());
    this.#connection = undefined;
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true;
    await this.#connection?.then((connection) => connection.cancel());
  }

  async close(): Promise<void> {
    this.#isCancelled = true;
    this.#options.onClosed(this);
    await this.#connection?.then((connection) => connection.close());
    this.#connection = undefined;
  }

  /** Has a delivery handled by the process, when it has a slot for it. Settles as `handle` does. */
  take(handle: () => Promise<void>): Promise<void> {
    const { kernel, network, slots } = this.#options;
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        this.#running++;
        kernel.after(
          network.latencyMs(),
          () => {
            handle()
              .then(resolve, reject)
              .finally(() => {
                this.#running--;
                this.#waiting.shift()?.();
              });
          },
          this.process,
        );
      };
      if (this.#running < slots) begin();
      else this.#waiting.push(begin);
    });
  }
}
