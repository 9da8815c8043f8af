import { systemClock } from "@mayfly/service";
import type { RabbitControl } from "@mayfly/test-services";
import { nowMs, vhost } from "./deployment.ts";

/** How often the broker is asked, in milliseconds; each time costs a process. */
const everyMs = 2_000;

/** Watches how long a queue has deliveries that are not acknowledged. */
export class UnacknowledgedWatch implements AsyncDisposable {
  readonly #control: RabbitControl;
  readonly #queue: string;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #sinceMs: number | undefined;
  #longestMs = 0;
  #count = 0;

  constructor(control: RabbitControl, queue: string) {
    this.#control = control;
    this.#queue = queue;
    this.#loop = this.#watch();
  }

  /**
   * The longest time for which there were any, in milliseconds: at least as long as the longest that one was held, since
   * it counts from the last look without to the first look without.
   */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** How many there were at the last look. */
  get count(): number {
    return this.#count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    let lastWithoutMs = nowMs();
    while (!signal.aborted) {
      const askedAtMs = nowMs();
      const queues = await this.#control.listQueues(vhost).catch(() => []);
      this.#count = queues.find(({ name }) => name === this.#queue)?.unacknowledged ?? 0;
      if (this.#count > 0) this.#sinceMs ??= lastWithoutMs;
      if (this.#sinceMs !== undefined) this.#longestMs = Math.max(this.#longestMs, nowMs() - this.#sinceMs);
      if (this.#count === 0) {
        this.#sinceMs = undefined;
        lastWithoutMs = askedAtMs;
      }
      await systemClock.sleep(everyMs, { signal });
    }
  }
}
