import type { ReadinessView } from "@mayfly/http-contract";
import type { Clock } from "@mayfly/service";

/** How to find out what the API depends on. A check that rejects, or does not answer within 2 s, counts as false. */
export interface ReadinessChecks {
  /** Whether the store answers now. */
  store(): Promise<boolean>;
  /** Whether the broker can be published to now. */
  broker(): boolean | Promise<boolean>;
  /**
   * Whether the broker has been reached at any time since the start. A process that nobody has asked for its readiness
   * while the broker was there is ready all the same. @defaultValue what `broker` has answered so far
   */
  brokerReached?(): boolean;
}

const checkTimeoutMs = 2_000;

/**
 * Whether this process can do its work: not until store and broker have both been reached once, whenever the store is
 * away, and not while it shuts down. Once it was ready, a broker that is away only degrades it: tasks are stored then.
 */
export class Readiness {
  readonly #checks: ReadinessChecks;
  readonly #isDraining: () => boolean;
  readonly #clock: Clock;
  #brokerReached = false;

  constructor(options: {
    readonly checks: ReadinessChecks;
    readonly isDraining: () => boolean;
    readonly clock: Clock;
  }) {
    this.#checks = options.checks;
    this.#isDraining = options.isDraining;
    this.#clock = options.clock;
  }

  /** Checks now. Never rejects. */
  async look(): Promise<ReadinessView> {
    const [store, broker] = await Promise.all([
      this.#holds(() => this.#checks.store()),
      this.#holds(() => this.#checks.broker()),
    ]);
    this.#brokerReached ||= broker || (this.#checks.brokerReached?.() ?? false);
    return {
      status: this.#status(store, broker),
      checks: { store: store ? "ok" : "unavailable", broker: broker ? "ok" : "unavailable" },
    };
  }

  #status(store: boolean, broker: boolean): ReadinessView["status"] {
    if (!store || !this.#brokerReached || this.#isDraining()) return "unavailable";
    return broker ? "ok" : "degraded";
  }

  async #holds(check: () => boolean | Promise<boolean>): Promise<boolean> {
    const patience = new AbortController();
    try {
      return await Promise.race([
        Promise.resolve().then(check),
        this.#clock.sleep(checkTimeoutMs, { signal: patience.signal }).then(() => false),
      ]);
    } catch {
      return false;
    } finally {
      patience.abort();
    }
  }
}
