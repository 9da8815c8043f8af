import { isCheckable, type Runtime } from "@mayfly/runtime";
import type { Clock, Logger } from "@mayfly/service";

/** For how long an answer is good, in milliseconds: probes must not become the engine's load. */
const freshMs = 5_000;

/** Whether a runtime's environment can take work. Logs when that changes. */
export class RuntimeHealth {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #isHealthy = true;
  #asked: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined;

  constructor(runtime: Runtime, options: { readonly clock: Clock; readonly logger: Logger }) {
    this.#runtime = runtime;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Asks the runtime, at most every 5 s; one that cannot tell counts as healthy. Does not reject. */
  isHealthy(): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#asked === undefined || nowMs - this.#asked.atMs >= freshMs) {
      this.#asked = { atMs: nowMs, answer: this.#ask() };
    }
    return this.#asked.answer;
  }

  async #ask(): Promise<boolean> {
    if (!isCheckable(this.#runtime)) return true;
    const health = await this.#runtime.health();
    const isHealthy = health.status === "healthy";
    if (isHealthy && !this.#isHealthy) this.#logger.info({}, "runtime is well again");
    if (!isHealthy && this.#isHealthy) this.#logger.warn({ error: health.message }, "runtime is not well");
    this.#isHealthy = isHealthy;
    return isHealthy;
  }
}
