import {
  type AbortAnswer,
  type ClaimAnswer,
  type ClaimRequest,
  type CurrentRun,
  type DueAnswer,
  type End,
  type EndAnswer,
  type EventPage,
  type HeartbeatAnswer,
  type KeepLeasesOptions,
  type LeaseKeeper,
  type ListPage,
  type ListRequest,
  type LogAnswer,
  type LogPage,
  type LogRequest,
  type Owner,
  type OwnerAnswer,
  type OwnerCopy,
  type ReleaseAnswer,
  type ReleaseRequest,
  type RestoreAnswer,
  type ScheduleAnswer,
  type ScheduleRequest,
  type StalledRequest,
  type StalledTask,
  type StopHint,
  type StoredHandle,
  type Subscription,
  type SweepAnswer,
  type SweepRequest,
  type TaskStore,
  type UndeliveredAnswer,
  type UndeliveredRequest,
} from "@mayfly/store";
import type { Instance, Registration, TaskView } from "@mayfly/task";
import { CreatorSteps } from "./creator-steps.ts";
import { EventLog } from "./event-log.ts";
import { Keys } from "./keys.ts";
import { keepLeasesInThread } from "./lease-thread/keep-leases-in-thread.ts";
import { OwnerSteps } from "./owner-steps.ts";
import type { RedisStoreOptions } from "./redis-store-options.ts";
import { Registry } from "./registry.ts";
import type { ShardScripts } from "./shard-scripts.ts";
import { StoreSession } from "./store-session.ts";
import { SweeperSteps } from "./sweeper-steps.ts";
import { TaskList } from "./task-list.ts";

/** What works on the shards, which are known once the store is open. */
interface Parts {
  readonly creator: CreatorSteps;
  readonly owner: OwnerSteps;
  readonly sweeper: SweeperSteps;
  readonly list: TaskList;
  readonly events: EventLog;
}

/**
 * The store on Redis 7, a single node or a Cluster: each step of a task is one Lua script on one slot.
 *
 * It holds two connections, one for calls and one for hints; the thread that renews leases has two of its own. While Redis
 * is away every call fails at once with a StoreError `unavailable`; the connections come back by themselves.
 *
 * ```ts
 * const store = new RedisStore({ url: "redis://127.0.0.1:6379" });
 * await store.open();
 * ```
 */
export class RedisStore implements TaskStore {
  readonly #options: RedisStoreOptions;
  readonly #keys: Keys;
  readonly #session: StoreSession;
  readonly #registry: Registry;
  #parts: Parts | undefined;

  /** @throws TypeError when `url` is none, RangeError when `prefix` or `shards` cannot be */
  constructor(options: RedisStoreOptions) {
    const { prefix = "mayfly", shards = 1 } = options;
    if (!(Number.isInteger(shards) && shards >= 1)) {
      throw new RangeError(`The number of shards must be a whole number from 1, not ${shards}.`);
    }
    this.#options = options;
    this.#keys = new Keys(prefix);
    this.#session = new StoreSession(options, this.#keys);
    this.#registry = new Registry({ connection: this.#session.connection, keys: this.#keys });
  }

  get shards(): number {
    return this.#session.scripts.shards;
  }

  open(): Promise<void> {
    return this.#session.open();
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /** {@link RedisStore.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async ping(): Promise<void> {
    await this.#session.scripts.ping();
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

  async currentRun(id: string): Promise<CurrentRun> {
    return await this.#open.creator.currentRun(id);
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

  async appendLog(owner: Owner, text: string, saidAt?: number): Promise<LogAnswer> {
    return await this.#open.owner.appendLog(owner, text, saidAt);
  }

  async readLog(id: string, request: LogRequest): Promise<LogPage> {
    return await this.#open.owner.readLog(id, request);
  }

  async release(owner: Owner, request: ReleaseRequest): Promise<ReleaseAnswer> {
    return await this.#open.owner.release(owner, request);
  }

  async finish(owner: Owner, end: End): Promise<EndAnswer> {
    return await this.#open.owner.finish(owner, end);
  }

  async restore(copy: OwnerCopy): Promise<RestoreAnswer> {
    return await this.#open.owner.restore(copy);
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

  async stalled(request: StalledRequest): Promise<readonly StalledTask[]> {
    return await this.#open.sweeper.stalled(request);
  }

  async reannounce(id: string, token: string): Promise<boolean> {
    return await this.#open.sweeper.reannounce(id, token);
  }

  async undelivered(request: UndeliveredRequest): Promise<UndeliveredAnswer> {
    return await this.#open.sweeper.undelivered(request);
  }

  async register(
    scheduler: string,
    registration: Registration,
  ): Promise<{ readonly created: boolean; readonly registration: Registration }> {
    this.#session.assertOpen();
    return await this.#registry.register(scheduler, registration);
  }

  async findRegistration(scheduler: string): Promise<Registration | undefined> {
    this.#session.assertOpen();
    return await this.#registry.find(scheduler);
  }

  async schedulers(): Promise<readonly string[]> {
    this.#session.assertOpen();
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
    options: { readonly ttlMs: number; readonly registration?: Registration | undefined },
  ): Promise<void> {
    this.#session.assertOpen();
    await this.#registry.beat(scheduler, instance, options);
  }

  async leave(scheduler: string, instanceId: string): Promise<void> {
    this.#session.assertOpen();
    await this.#registry.leave(scheduler, instanceId);
  }

  async instances(scheduler: string): Promise<readonly Instance[]> {
    this.#session.assertOpen();
    return await this.#registry.instances(scheduler);
  }

  /**
   * Renews in a thread of its own, with connections of its own, so that a blocked event loop loses no lease.
   *
   * @throws Error when the file of the thread is missing
   */
  keepLeases(options: KeepLeasesOptions): LeaseKeeper {
    return keepLeasesInThread(this.#options, options);
  }

  async watchDone(id: string, listener: () => void): Promise<Subscription> {
    this.#session.assertOpen();
    return await this.#session.hints.listen(this.#keys.doneChannel(id), (_message, close) => {
      close();
      listener();
    });
  }

  async watchStops(instanceId: string, listener: (stop: StopHint) => void): Promise<Subscription> {
    this.#session.assertOpen();
    return await this.#session.hints.listen(this.#keys.stopChannel(instanceId), (message) =>
      listener(JSON.parse(message) as StopHint),
    );
  }

  async events(request: { readonly after?: string | undefined; readonly limit: number }): Promise<EventPage> {
    return await this.#open.events.read(request);
  }

  get #open(): Parts {
    const { scripts } = this.#session;
    this.#parts ??= partsOf(scripts);
    return this.#parts;
  }
}

function partsOf(scripts: ShardScripts): Parts {
  return {
    creator: new CreatorSteps(scripts),
    owner: new OwnerSteps(scripts),
    sweeper: new SweeperSteps(scripts),
    list: new TaskList(scripts),
    events: new EventLog(scripts),
  };
}
