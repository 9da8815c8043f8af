import { type Clock, errorMessage, fullJitterMs, type Logger, silentLogger, systemClock } from "@mayfly/service";
import { StoreError } from "@mayfly/store";
import { HintSubscriber } from "./hint-subscriber.ts";
import type { Keys } from "./keys.ts";
import { createRedisClient, isCluster, type RedisClient } from "./redis-client.ts";
import { RedisConnection } from "./redis-connection.ts";
import { closedError, isRefused } from "./redis-failure.ts";
import type { RedisStoreOptions } from "./redis-store-options.ts";
import { ShardScripts } from "./shard-scripts.ts";
import { checkServers, findShards, watchServers } from "./store-check.ts";

/**
 * The life of a store's two connections: new → (open) → open → (close) → closed. The shards are known once it is open.
 * A session that meets a Redis that does not fit, at first or after a reconnect, is of no use any more.
 */
export class StoreSession {
  readonly connection: RedisConnection;
  readonly hints: HintSubscriber;
  readonly #options: RedisStoreOptions;
  readonly #keys: Keys;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #callTimeoutMs: number;
  readonly #closing = new AbortController();
  #opening: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #scripts: ShardScripts | undefined;
  #fault: StoreError | undefined;

  constructor(options: RedisStoreOptions, keys: Keys) {
    const { url, clock = systemClock, logger = silentLogger, callTimeoutMs = 2_000 } = options;
    this.#options = options;
    this.#keys = keys;
    this.#clock = clock;
    this.#logger = logger;
    this.#callTimeoutMs = callTimeoutMs;
    // Who is not let in at first is told so; later a password that is being changed must not end the connection for good.
    const canRetry = (error: unknown): boolean => this.#scripts !== undefined || !isRefused(error);
    const createClient = (): RedisClient => createRedisClient({ url, canRetry });
    const common = { clock, logger, callTimeoutMs };
    this.connection = new RedisConnection({ createClient, onReady: () => this.#meetAgain(), ...common });
    this.hints = new HintSubscriber({ client: createClient(), ...common });
  }

  /** What works on the shards. @throws StoreError unless the session is open */
  get scripts(): ShardScripts {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#closing.signal.aborted) throw closedError();
    if (this.#scripts === undefined) throw new StoreError("unavailable", "The Redis store has not been opened yet.");
    return this.#scripts;
  }

  /** @throws StoreError unless the session is open */
  assertOpen(): void {
    void this.scripts;
  }

  /** {@link TaskStore.open} */
  open(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#fault ?? closedError());
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** {@link TaskStore.close} */
  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= Promise.all([this.connection.close(), this.hints.close()]).then(() => undefined);
    return this.#closed;
  }

  async #open(): Promise<void> {
    try {
      await Promise.all([this.connection.connect(), this.hints.connect()]);
      this.#scripts = await this.#check();
    } catch (error) {
      if (StoreError.is(error) && error.code === "incompatible") this.#fault = error;
      await this.close();
      throw error;
    }
  }

  /** Goes on until Redis answers: it may still be loading its data. */
  async #check(): Promise<ShardScripts> {
    const { production = false } = this.#options;
    const signal = this.#closing.signal;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const scripts = this.#scriptsOf(await this.#findShards());
        await watchServers(scripts);
        await checkServers(scripts, { production, logger: this.#logger });
        return scripts;
      } catch (error) {
        if (!StoreError.is(error) || error.code !== "unavailable") throw error;
        this.#logger.warn({ error: error.message }, "Redis does not answer yet");
        await this.#clock.sleep(fullJitterMs(attempt, { baseMs: 100, maxMs: 2_000 }), { signal });
      }
    }
    throw closedError();
  }

  async #findShards(): Promise<number> {
    const { url, shards } = this.#options;
    const wanted = this.#scripts?.shards ?? shards;
    return await findShards(this.connection, this.#keys, { wanted, atBirth: isCluster(url) ? 16 : 1 });
  }

  #scriptsOf(shards: number): ShardScripts {
    const { maxEvents = 100_000, maxTombstones = 100_000 } = this.#options;
    return new ShardScripts({
      connection: this.connection,
      keys: this.#keys,
      clock: this.#clock,
      shards,
      callTimeoutMs: this.#callTimeoutMs,
      maxEvents,
      maxTombstones,
    });
  }

  /** After a reconnect another server may answer, with another clock, or one that has lost its data. */
  #meetAgain(): void {
    const scripts = this.#scripts;
    if (scripts === undefined) return;
    scripts.forgetTime();
    const check = async (): Promise<void> => {
      await this.#findShards();
      await watchServers(scripts);
    };
    check().catch((error: unknown) => {
      if (StoreError.is(error) && error.code === "incompatible") this.#fault = error;
      this.#logger.error({ error: errorMessage(error) }, "Redis could not be checked after a reconnect");
    });
  }
}
