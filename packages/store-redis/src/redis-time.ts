import type { Clock } from "@mayfly/service";
import type { Script } from "./script.ts";
import { readTime } from "./scripts.generated.ts";

/** Options of {@link RedisTime}. */
export interface RedisTimeOptions {
  readonly clock: Clock;
  readonly read: (script: Script, shard: number) => Promise<unknown>;
}

/**
 * Tells moments of this process by the clock of the Redis that holds a shard, never too late: Redis is asked once for
 * each shard, and its answer counts as given when it arrived here.
 */
export class RedisTime {
  readonly #options: RedisTimeOptions;
  readonly #offsets = new Map<number, Promise<number>>();

  constructor(options: RedisTimeOptions) {
    this.#options = options;
  }

  /** A moment by the monotonic clock, as epoch milliseconds of a shard's Redis. */
  async at(shard: number, monotonicMs: number): Promise<number> {
    const offset = this.#offsets.get(shard) ?? this.#measure(shard);
    return Math.floor(monotonicMs + (await offset));
  }

  /** Asks anew from now on. */
  forget(): void {
    this.#offsets.clear();
  }

  #measure(shard: number): Promise<number> {
    const { clock, read } = this.#options;
    const offset = read(readTime, shard).then(
      (answer) => Number((answer as readonly number[])[0]) - clock.monotonicMs(),
    );
    this.#offsets.set(shard, offset);
    offset.catch(() => {
      if (this.#offsets.get(shard) === offset) this.#offsets.delete(shard);
    });
    return offset;
  }
}
