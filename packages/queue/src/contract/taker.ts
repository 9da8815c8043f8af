import type { Consumer, ConsumeOptions, Delivery } from "../task-queue.ts";

/** A delivery whose handling goes on until the case ends it. */
export interface Work {
  readonly delivery: Delivery;
  /** The message's id. */
  readonly id: string;
  /** The handling succeeds. */
  end(): void;
  /** The handling fails, so that the message goes back. */
  fail(): void;
}

/** A consumer under the eyes of a case: what it was handed, and how much of it runs. */
export class Taker {
  /** What was handed to it, in that order. */
  readonly works: Work[] = [];
  #onWork: (work: Work) => void;
  #consumer: Consumer | undefined;
  #running = 0;
  #mostRunning = 0;

  /** @param onWork - is told of each delivery as its handling begins */
  constructor(onWork: (work: Work) => void = () => undefined) {
    this.#onWork = onWork;
  }

  /** How many handlings go on. */
  get running(): number {
    return this.#running;
  }

  /** How many handlings went on at once at the most. */
  get mostRunning(): number {
    return this.#mostRunning;
  }

  /** The ids of what was handed to it, in that order. */
  get ids(): readonly string[] {
    return this.works.map(({ id }) => id);
  }

  get consumer(): Consumer {
    if (this.#consumer === undefined) throw new Error("Nothing is consumed yet.");
    return this.#consumer;
  }

  /** The handling that began as the `index`-th. */
  work(index: number): Work {
    const work = this.works[index];
    if (work === undefined) throw new Error(`No delivery ${index} has come.`);
    return work;
  }

  /** Ends what runs, and from now on each delivery as it comes. */
  endAll(): void {
    this.#onWork = (work) => work.end();
    for (const work of this.works) work.end();
  }

  /** Begins to consume with what `consume` gives. */
  async start(consume: (onDelivery: ConsumeOptions["onDelivery"]) => Promise<Consumer>): Promise<this> {
    this.#consumer = await consume((delivery) => this.#handle(delivery));
    return this;
  }

  #handle(delivery: Delivery): Promise<void> {
    this.#running++;
    this.#mostRunning = Math.max(this.#mostRunning, this.#running);
    const handling = new Promise<void>((resolve, reject) => {
      const fail = (): void => reject(new Error("This handling fails."));
      const work: Work = { delivery, id: delivery.message.id, end: resolve, fail };
      this.works.push(work);
      this.#onWork(work);
    });
    return handling.finally(() => {
      this.#running--;
    });
  }
}
