import type { Clock } from "@mayfly/service";
import { StoreError } from "@mayfly/store";
import type { Keys } from "./keys.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { RedisTime } from "./redis-time.ts";
import type { Script } from "./script.ts";
import { readTime } from "./scripts.generated.ts";
import { shardNumber } from "./shard-number.ts";

/** Options of {@link ShardScripts}. */
export interface ShardScriptsOptions {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly shards: number;
  readonly callTimeoutMs: number;
  readonly maxEvents: number;
  readonly maxTombstones: number;
}

/** An answer of a script on a shard: a list that begins with the answer's name. */
export type ScriptAnswer = readonly (string | number)[];

/** How often a call is made again because it came too late by Redis' clock. */
const lateCalls = 3;

/** Runs scripts on the parts of the store, each with the keys of its shard. */
export class ShardScripts {
  readonly shards: number;
  readonly #options: ShardScriptsOptions;
  readonly #settings: readonly string[];
  /** The KEYS of each shard's scripts. */
  readonly #keys: readonly (readonly string[])[];
  readonly #time: RedisTime;

  constructor(options: ShardScriptsOptions) {
    const { keys, clock, shards, maxEvents, maxTombstones } = options;
    this.shards = shards;
    this.#options = options;
    this.#settings = [keys.stopChannel(), keys.doneChannel(), String(maxEvents), String(maxTombstones)];
    this.#keys = Array.from({ length: shards }, (_, shard) => keys.shard(shard));
    this.#time = new RedisTime({
      clock,
      read: (script, shard) => this.run(shard, script, []),
    });
  }

  /** The shard of a task. */
  shardOf(id: string): number {
    return shardNumber(id, this.shards);
  }

  /** Runs a script on a shard. */
  async run(
    shard: number,
    script: Script,
    args: readonly (string | number)[],
    untilMs?: number,
  ): Promise<ScriptAnswer> {
    const keys = this.#keys[shard];
    if (keys === undefined) throw new RangeError(`There is no shard ${shard}: this store has ${this.shards}.`);
    const all = [...this.#settings, ...args.map(String)];
    return (await this.#options.connection.run(script, keys, all, untilMs)) as ScriptAnswer;
  }

  /**
   * Runs a script that changes nothing once this call has given up: a call that timed out here can still be carried out
   * later. `argsUntil` gets the moment of that, by Redis' clock.
   */
  async runInTime(
    shard: number,
    script: Script,
    argsUntil: (deadline: number) => readonly (string | number)[],
  ): Promise<ScriptAnswer> {
    const { clock, callTimeoutMs } = this.#options;
    const untilMs = clock.monotonicMs() + callTimeoutMs;
    for (let calls = 0; calls < lateCalls; calls++) {
      const answer = await this.run(shard, script, argsUntil(await this.#time.at(shard, untilMs)), untilMs);
      if (answer[0] !== "late") return answer;
      // Redis' clock may have been set.
      this.#time.forget();
    }
    throw new StoreError("unavailable", `Redis got to ${script.name} too late, and did nothing.`);
  }

  /** Runs a script on every shard at once. */
  async runOnAll(script: Script, args: readonly (string | number)[]): Promise<readonly ScriptAnswer[]> {
    return await Promise.all(Array.from({ length: this.shards }, (_, shard) => this.run(shard, script, args)));
  }

  /** Resolves when every shard answers. */
  async ping(): Promise<void> {
    await this.runOnAll(readTime, []);
  }

  /** To be called after a reconnect: another server may answer now. */
  forgetTime(): void {
    this.#time.forget();
  }
}
