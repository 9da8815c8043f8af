import type { ConsumeDeadOptions, Consumer, DeadLetter } from "../task-queue.ts";

/** A dead letter whose handling goes on until the case ends it. */
export interface DeadLetterWork {
  readonly letter: DeadLetter;
  /** When its handling began, by `performance.now()`. */
  readonly startedAtMs: number;
  /** The handling succeeds. */
  end(): void;
  /** The handling fails, so that the letter comes again. */
  fail(): void;
}

/** A consumer of dead letters under the eyes of a case. Those of other queues than the case's are let through. */
export class DeadLetterTaker {
  /** What was handed to it, in that order. */
  readonly works: DeadLetterWork[] = [];
  readonly #queue: string;
  #onWork: (work: DeadLetterWork) => void;
  #consumer: Consumer | undefined;
  #running = 0;
  #mostRunning = 0;

  /** @param onWork - is told of each letter as its handling begins */
  constructor(queue: string, onWork: (work: DeadLetterWork) => void = () => undefined) {
    this.#queue = queue;
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
    return this.works.map(({ letter }) => letter.id ?? "unknown");
  }

  get consumer(): Consumer {
    if (this.#consumer === undefined) throw new Error("Nothing is consumed yet.");
    return this.#consumer;
  }

  /** The handling that began as the `index`-th. */
  work(index: number): DeadLetterWork {
    const work = this.works[index];
    if (work === undefined) throw new Error(`No dead letter ${index} has come.`);
    return work;
  }

  /** Ends what runs, and from now on each letter as it comes. */
  endAll(): void {
    this.#onWork = (work) => work.end();
    for (const work of this.works) work.end();
  }

  /** Begins to consume with what `consume` gives. */
  async start(consume: (onDeadLetter: ConsumeDeadOptions["onDeadLetter"]) => Promise<Consumer>): Promise<this> {
    this.#consumer = await consume((letter) => this.#handle(letter));
    return this;
  }

  async #handle(letter: DeadLetter): Promise<void> {
    if (letter.queue !== this.#queue) return;
    this.#running++;
    this.#mostRunning = Math.max(this.#mostRunning, this.#running);
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (): void => reject(new Error("This handling fails."));
        const work: DeadLetterWork = { letter, startedAtMs: performance.now(), end: resolve, fail };
        this.works.push(work);
        this.#onWork(work);
      });
    } finally {
      this.#running--;
    }
  }
}
