import { type Clock, errorMessage, fullJitterMs, type Logger, silentLogger, systemClock } from "@mayfly/service";
import {
  type AbortAnswer,
  type ClaimAnswer,
  type ClaimRequest,
  type DueAnswer,
  type End,
  type EndAnswer,
  type EventPage,
  type HeartbeatAnswer,
  HeartbeatLeaseKeeper,
  type KeepLeasesOptions,
  type LeaseKeeper,
  type ListPage,
  type ListRequest,
  type Owner,
  type OwnerAnswer,
  type ReleaseAnswer,
  type ReleaseRequest,
  type ScheduleAnswer,
  type ScheduleRequest,
  type StopHint,
  type StoredHandle,
  StoreError,
  type Subscription,
  type SweepAnswer,
  type SweepRequest,
  type TaskStore,
} from "@mayfly/store";
import type { Instance, Registration, TaskView } from "@mayfly/task";
import { CreatorSteps } from "./creator-steps.ts";
import { EventLog } from "./event-log.ts";
import { HintSubscriber } from "./hint-subscriber.ts";
import { Keys } from "./keys.ts";
import { OwnerSteps } from "./owner-steps.ts";
import { createRedisClient, isCluster } from "./redis-client.ts";
import { RedisConnection } from "./redis-connection.ts";
import { closedError, isRefused } from "./redis-failure.ts";
import { Registry } from "./registry.ts";
import { ShardScripts } from "./shard-scripts.ts";
import { checkServers, findShards } from "./store-check.ts";
import { SweeperSteps } from "./sweeper-steps.ts";
import { TaskList } from "./task-list.ts";

/** Options of {@link RedisStore}. */
export interface RedisStoreOptions {
  /**
   * `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. Several addresses separated by commas are nodes of
   * one Redis Cluster.
   */
  readonly url: string;
  /** What all keys and channels begin with; stores with different prefixes do not meet. @defaultValue "mayfly" */
  readonly prefix?: string | undefined;
  /**
   * In how many parts the tasks are kept. Settled when a store is new; another number is refused later.
   * @defaultValue what the store was made with; a new one: 1, on a Cluster 16
   */
  readonly shards?: number | undefined;
  /** Refuse a Redis that may lose what it has acknowledged, instead of logging a warning. @defaultValue false */
  readonly production?: boolean | undefined;
  /** Measures how long calls take. @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** How long a call may take, in milliseconds, its repeats included. @defaultValue 2000 */
  readonly callTimeoutMs?: number | undefined;
  /** About how many events each shard keeps. @defaultValue 100000 */
  readonly maxEvents?: number | undefined;
  /** How many tombstones each shard keeps; beyond that, those that would expire first go. @defaultValue 100000 */
  readonly maxTombstones?: number | undefined;
}

/** What works on the shards, which are known once the store is open. */
interface Parts {
  readonly scripts: ShardScripts;
  readonly creator: CreatorSteps;
  readonly owner: OwnerSteps;
  readonly sweeper: SweeperSteps;
  readonly list: TaskList;
  readonly events: EventLog;
}

/**
 * The store on Redis 7, a single node or a Cluster: each step of a task is one Lua script on one slot.
 *
 * It holds two connections, one for calls and one for hints. While Redis is away every call fails at once with a
 * StoreError `unavailable`; both connections come back by themselves.
 *
 * ```ts
 * const store = new RedisStore({ url: "redis://127.0.0.1:6379" });
 * await store.open();
 * ```
 */
export class RedisStore implements TaskStore {
  readonly #options: RedisStoreOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #keys: Keys;
  readonly #connection: RedisConnection;
  readonly #hints: HintSubscriber;
  readonly #registry: Registry;
  readonly #closing = new AbortController();
  #opening: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #parts: Parts | undefined;
  #fault: StoreError | undefined;

  /** @throws TypeError when `url` is none, RangeError when `prefix` or `shards` cannot be */
  constructor(options: RedisStoreOptions) {
    const {
      url,
      prefix = "mayfly",
      shards,
      clock = systemClock,
      logger = silentLogger,
      callTimeoutMs = 2_000,
    } = options;
    if (shards !== undefined && !(Number.isInteger(shards) && shards >= 1)) {
      throw new RangeError(`The number of shards must be a whole number from 1, not ${shards}.`);
    }
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#keys = new Keys(prefix);
    // Who is not let in at first is told so; later a password that is being changed must not end the connection for good.
    const canRetry = (error: unknown): boolean => this.#parts !== undefined || !isRefused(error);
    const createClient = (): ReturnType<typeof createRedisClient> => createRedisClient({ url, canRetry });
    this.#connection = new RedisConnection({
      createClient,
      clock,
      logger,
      callTimeoutMs,
      onReady: () => this.#meetAgain(),
    });
    this.#hints = new HintSubscriber({ client: createClient(), clock, logger, callTimeoutMs });
    this.#registry = new Registry({ connection: this.#connection, keys: this.#keys });
  }

  get shards(): number {
    return this.#open.scripts.shards;
  }

  open(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#fault ?? closedError());
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= Promise.all([this.#connection.close(), this.#hints.close()]).then(() => undefined);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async ping(): Promise<void> {
    await this.#open.scripts.ping();
  }

  async schedule(request: ScheduleRequest): Promise<ScheduleAnswer> {
    return await this.#open.creator.schedule(request);
  }

  async announced(id: string, token: string): Promise<void> {
    await this.#open.creator.announced(id, token);
  }

  async abort(id: string, options: { readonly message?: string | undefined }): Promise<AbortAnswer> {
    return await this.#open.creator.abort(id, options.message);
  }

  async find(id: string): Promise<TaskView | undefined> {
    return await this.#open.creator.find(id);
  }

  async list(request: ListRequest): Promise<ListPage> {
    return await this.#open.list.list(request);
  }

  async count(scheduler: string): Promise<{ readonly scheduled: number; readonly running: number }> {
    return await this.#open.list.count(scheduler);
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return await this.#open.owner.claim(request);
  }

  async attach(owner: Owner, handle: StoredHandle): Promise<OwnerAnswer> {
    return await this.#open.owner.attach(owner, handle);
  }

  async heartbeat(owners: readonly Owner[]): Promise<readonly HeartbeatAnswer[]> {
    return await this.#open.owner.heartbeat(owners);
  }

  async progress(owner: Owner, value: string): Promise<OwnerAnswer> {
    return await this.#open.owner.progress(owner, value);
  }

  async release(owner: Owner, request: ReleaseRequest): Promise<ReleaseAnswer> {
    return await this.#open.owner.release(owner, request);
  }

  async finish(owner: Owner, end: End): Promise<EndAnswer> {
    return await this.#open.owner.finish(owner, end);
  }

  async expire(request: SweepRequest): Promise<SweepAnswer> {
    return await this.#open.sweeper.expire(request);
  }

  async recover(request: SweepRequest): Promise<SweepAnswer> {
    return await this.#open.sweeper.recover(request);
  }

  async due(request: SweepRequest & { readonly maxBytes: number }): Promise<DueAnswer> {
    return await this.#open.sweeper.due(request);
  }

  async register(
    scheduler: string,
    registration: Registration,
  ): Promise<{ readonly created: boolean; readonly registration: Registration }> {
    this.#assertOpen();
    return await this.#registry.register(scheduler, registration);
  }

  async findRegistration(scheduler: string): Promise<Registration | undefined> {
    this.#assertOpen();
    return await this.#registry.find(scheduler);
  }

  async schedulers(): Promise<readonly string[]> {
    this.#assertOpen();
    return await this.#registry.names();
  }

  async deregister(scheduler: string): Promise<"removed" | "unknown" | "busy"> {
    const { scheduled, running } = await this.count(scheduler);
    if (scheduled + running === 0) return await this.#registry.remove(scheduler);
    return (await this.#registry.find(scheduler)) === undefined ? "unknown" : "busy";
  }

  async beat(
    scheduler: string,
    instance: Omit<Instance, "seenAt">,
    options: { readonly ttlMs: number },
  ): Promise<void> {
    this.#assertOpen();
    await this.#registry.beat(scheduler, instance, options);
  }

  async leave(scheduler: string, instanceId: string): Promise<void> {
    this.#assertOpen();
    await this.#registry.leave(scheduler, instanceId);
  }

  async instances(scheduler: string): Promise<readonly Instance[]> {
    this.#assertOpen();
    return await this.#registry.instances(scheduler);
  }

  keepLeases(options: KeepLeasesOptions): LeaseKeeper {
    return new HeartbeatLeaseKeeper({ store: this, clock: this.#clock, logger: this.#logger, ...options });
  }

  async watchDone(id: string, listener: () => void): Promise<Subscription> {
    this.#assertOpen();
    return await this.#hints.listen(this.#keys.doneChannel(id), (_message, close) => {
      close();
      listener();
    });
  }

  async watchStops(instanceId: string, listener: (stop: StopHint) => void): Promise<Subscription> {
    this.#assertOpen();
    return await this.#hints.listen(this.#keys.stopChannel(instanceId), (message) =>
      listener(JSON.parse(message) as StopHint),
    );
  }

  async events(request: { readonly after?: string | undefined; readonly limit: number }): Promise<EventPage> {
    return await this.#open.events.read(request);
  }

  get #open(): Parts {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#closing.signal.aborted) throw closedError();
    if (this.#parts === undefined) throw new StoreError("unavailable", "The Redis store has not been opened yet.");
    return this.#parts;
  }

  #assertOpen(): void {
    void this.#open;
  }

  async #connect(): Promise<void> {
    try {
      await Promise.all([this.#connection.connect(), this.#hints.connect()]);
      this.#parts = await this.#check();
    } catch (error) {
      if (StoreError.is(error) && error.code === "incompatible") this.#fault = error;
      await this.close();
      throw error;
    }
  }

  /** Goes on until Redis answers: it may still be loading its data. */
  async #check(): Promise<Parts> {
    const { production = false, maxEvents = 100_000, maxTombstones = 100_000, callTimeoutMs = 2_000 } = this.#options;
    for (let attempt = 0; ; attempt++) {
      if (this.#closing.signal.aborted) throw closedError();
      try {
        const shards = await this.#findShards();
        const scripts = new ShardScripts({
          connection: this.#connection,
          keys: this.#keys,
          clock: this.#clock,
          shards,
          callTimeoutMs,
          maxEvents,
          maxTombstones,
        });
        await checkServers(scripts, { production, logger: this.#logger });
        return partsOf(scripts);
      } catch (error) {
        if (!StoreError.is(error) || error.code !== "unavailable") throw error;
        this.#logger.warn({ error: error.message }, "Redis does not answer yet");
        await this.#clock.sleep(fullJitterMs(attempt, { baseMs: 100, maxMs: 2_000 }), { signal: this.#closing.signal });
      }
    }
  }

  async #findShards(): Promise<number> {
    const { url, shards } = this.#options;
    const wanted = this.#parts?.scripts.shards ?? shards;
    return await findShards(this.#connection, this.#keys, { wanted, atBirth: isCluster(url) ? 16 : 1 });
  }

  /** After a reconnect another server may answer, with another clock, or one that has lost its data. */
  #meetAgain(): void {
    if (this.#parts === undefined) return;
    this.#parts.scripts.forgetTime();
    this.#findShards().catch((error: unknown) => {
      if (StoreError.is(error) && error.code === "incompatible") this.#fault = error;
      this.#logger.error({ error: errorMessage(error) }, "Redis could not be checked after a reconnect");
    });
  }
}

function partsOf(scripts: ShardScripts): Parts {
  return {
    scripts,
    creator: new CreatorSteps(scripts),
    owner: new OwnerSteps(scripts),
    sweeper: new SweeperSteps(scripts),
    list: new TaskList(scripts),
    events: new EventLog(scripts),
  };
}
