import type { Clock } from "@mayfly/service";
import type { Script } from "./script.ts";
import { readTime } from "./scripts.generated.ts";

/** Options of {@link RedisTime}. */
export interface RedisTimeOptions {
  readonly clock: Clock;
  readonly read: (script: Script, shard: number) => Promise<unknown>;
}

interface Measure {
  readonly madeAtMs: number;
  /** Redis' clock minus the monotonic one. */
  readonly offsetMs: Promise<number>;
}

/** Two clocks of which neither is corrected come apart by a few milliseconds in this time. */
const validMs = 60_000;

/**
 * Tells moments of this process by the clock of the Redis that holds a shard, never too late: Redis is asked once a minute
 * for each shard that is used, and its answer counts as given when it arrived here.
 */
export class RedisTime {
  readonly #options: RedisTimeOptions;
  readonly #measures = new Map<number, Measure>();

  constructor(options: RedisTimeOptions) {
    this.#options = options;
  }

  /** A moment by the monotonic clock, as epoch milliseconds of a shard's Redis. */
  async at(shard: number, monotonicMs: number): Promise<number> {
    const present = this.#measures.get(shard);
    const isValid = present !== undefined && this.#options.clock.monotonicMs() - present.madeAtMs < validMs;
    const { offsetMs } = isValid ? present : this.#measure(shard);
    return Math.floor(monotonicMs + (await offsetMs));
  }

  /** Asks anew from now on. */
  forget(): void {
    this.#measures.clear();
  }

  #measure(shard: number): Measure {
    const { clock, read } = this.#options;
    const offsetMs = read(readTime, shard).then(
      (answer) => Number((answer as readonly number[])[0]) - clock.monotonicMs(),
    );
    const measure = { madeAtMs: clock.monotonicMs(), offsetMs };
    this.#measures.set(shard, measure);
    offsetMs.catch(() => {
      if (this.#measures.get(shard) === measure) this.#measures.delete(shard);
    });
    return measure;
  }
}
