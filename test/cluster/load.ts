import { randomUUID } from "node:crypto";
import type { Journal } from "../e2e/journal.ts";
import { until } from "../e2e/system.ts";

/** How many clients schedule tasks, how long each task takes, and how many may wait at a time. */
const clients = 8;
const workMs = 100;
const waitingLimit = 100;

/** What a {@link Load} needs. */
interface LoadOptions {
  /** The addresses of the APIs. */
  readonly apis: readonly string[];
  /** Where the tasks write that they run. */
  readonly journal: Journal;
}

/**
 * Clients that schedule tasks one after the other until they are told to end. One that gets no answer, or hears that the
 * service is unavailable, asks again with the same id, and another API.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #accepted: string[] = [];
  readonly #done: Promise<unknown>;
  #isEnded = false;
  #failure: unknown;
  #asked = 0;

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#done = Promise.all(Array.from({ length: clients }, () => this.#schedule()));
    this.#done.catch((error: unknown) => {
      this.#failure = error;
    });
  }

  static start(options: LoadOptions): Load {
    return new Load(options);
  }

  /** Resolves when so many more tasks than now have been accepted, and so many more have started; rejects when a client fails. */
  async more(count: number): Promise<void> {
    const wanted = [this.#accepted.length + count, (await this.#started()) + count] as const;
    await until(async () => {
      if (this.#failure !== undefined) return true;
      return this.#accepted.length >= wanted[0] && (await this.#started()) >= wanted[1];
    }, `${count} more tasks are accepted and run`);
    if (this.#failure !== undefined) throw new Error("The load has failed.", { cause: this.#failure });
  }

  /** Schedules no more, and resolves with the ids of all tasks that were accepted; rejects when a client has failed. Idempotent. */
  async end(): Promise<readonly string[]> {
    this.#isEnded = true;
    await this.#done;
    return this.#accepted;
  }

  async #schedule(): Promise<void> {
    while (!this.#isEnded) {
      const id = randomUUID();
      let refusal: string | undefined;
      await until(async () => {
        const { status, text } = await this.#post(id);
        if (status > 202 && status < 500) refusal = `${status} ${text}`;
        return status < 500;
      }, `task ${id} is accepted`);
      if (refusal !== undefined) throw new Error(`Task ${id} was refused: ${refusal}`);
      this.#accepted.push(id);
      await until(
        async () => this.#isEnded || this.#accepted.length - (await this.#started()) < waitingLimit,
        "the tasks that wait are run",
      );
    }
  }

  async #post(id: string): Promise<{ readonly status: number; readonly text: string }> {
    const { apis, journal } = this.#options;
    const response = await fetch(`${apis[this.#asked++ % apis.length]}/task/schedule`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        id,
        scheduler: "hello",
        attributes: { handler: "work", file: journal.file, ms: workMs },
      }),
    });
    return { status: response.status, text: await response.text() };
  }

  async #started(): Promise<number> {
    return (await this.#options.journal.lines()).length;
  }
}
