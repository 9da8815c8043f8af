import { type Clock, silentLogger, systemClock } from "@mayfly/service";
import type { Instance, Registration, TaskView } from "@mayfly/task";
import type { ClaimAnswer, ClaimRequest } from "./claim.ts";
import type { CurrentRun } from "./current-run.ts";
import { HeartbeatLeaseKeeper } from "./heartbeat-lease-keeper.ts";
import { abort } from "./in-memory/abort.ts";
import { announced, reannounce, stalled } from "./in-memory/announce.ts";
import { claim } from "./in-memory/claim.ts";
import { currentRun } from "./in-memory/current-run.ts";
import { EventLog } from "./in-memory/event-log.ts";
import { list } from "./in-memory/list.ts";
import { Listeners } from "./in-memory/listeners.ts";
import { appendLog, attach, finish, heartbeat, progress, release } from "./in-memory/owner-steps.ts";
import { readLog } from "./in-memory/read-log.ts";
import { Registry } from "./in-memory/registry.ts";
import { restore } from "./in-memory/restore.ts";
import { schedule } from "./in-memory/schedule.ts";
import { Shard } from "./in-memory/shard.ts";
import { shardNumber } from "./in-memory/shard-number.ts";
import { due, expire, recover } from "./in-memory/sweep.ts";
import { viewOf } from "./in-memory/task-record.ts";
import { undelivered } from "./in-memory/undelivered.ts";
import type { LogAnswer, LogPage, LogRequest } from "./log.ts";
import type { KeepLeasesOptions, LeaseKeeper } from "./lease-keeper.ts";
import type {
  End,
  EndAnswer,
  HeartbeatAnswer,
  Owner,
  OwnerAnswer,
  OwnerCopy,
  ReleaseAnswer,
  ReleaseRequest,
  RestoreAnswer,
  StoredHandle,
} from "./owner.ts";
import type { AbortAnswer, ScheduleAnswer, ScheduleRequest } from "./schedule.ts";
import { StoreError } from "./store-error.ts";
import type {
  DueAnswer,
  StalledRequest,
  StalledTask,
  SweepAnswer,
  SweepRequest,
  UndeliveredAnswer,
  UndeliveredRequest,
} from "./sweep.ts";
import type { EventPage, ListPage, ListRequest, StopHint, Subscription, TaskStore } from "./task-store.ts";

const eventsPerShard = 10_000;
const tombstonesPerShard = 100_000;

/** Options of {@link InMemoryStore}. */
export interface InMemoryStoreOptions {
  /** What the store calls now. @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** In how many parts the tasks are kept, from 1. @defaultValue 1 */
  readonly shards?: number | undefined;
}

/**
 * The store of one process: everything lives in its memory and is lost with it. What `createStandalone` runs on, and the
 * yardstick for other stores.
 *
 * Each step is synchronous inside and so atomic. A method that changes or reads tasks fails with a StoreError `closed`
 * once the store has been closed; before {@link InMemoryStore.open} it works already.
 */
export class InMemoryStore implements TaskStore {
  readonly shards: number;
  readonly #clock: Clock;
  readonly #events: EventLog;
  readonly #registry = new Registry();
  readonly #doneListeners = new Listeners<void>();
  readonly #stopListeners = new Listeners<StopHint>();
  #shards: readonly Shard[];
  #isClosed = false;

  constructor(options: InMemoryStoreOptions = {}) {
    const { clock = systemClock, shards = 1 } = options;
    this.shards = shards;
    this.#clock = clock;
    this.#events = new EventLog({ limit: eventsPerShard * shards });
    this.#shards = this.#emptyShards();
  }

  async open(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#doneListeners.clear();
    this.#stopListeners.clear();
  }

  /** {@link InMemoryStore.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async ping(): Promise<void> {
    this.#assertOpen();
  }

  /**
   * Forgets everything, as a store does that is wiped: what was scheduled until now is `lost`. For tests and
   * simulations. Who watches goes on watching.
   */
  wipe(): void {
    this.#events.clear();
    this.#registry.clear();
    this.#shards = this.#emptyShards();
  }

  async schedule(request: ScheduleRequest): Promise<ScheduleAnswer> {
    return schedule(this.#shardOf(request.task.id), request);
  }

  async announced(id: string, token: string): Promise<void> {
    announced(this.#shardOf(id), id, token);
  }

  async abort(id: string, options: { readonly message?: string | undefined }): Promise<AbortAnswer> {
    return abort(this.#shardOf(id), id, options.message);
  }

  async find(id: string): Promise<TaskView | undefined> {
    const shard = this.#shardOf(id);
    const record = shard.records.get(id);
    return record === undefined ? structuredClone(shard.tombstones.find(id, shard.now())?.view) : viewOf(record);
  }

  async currentRun(id: string): Promise<CurrentRun> {
    return currentRun(this.#shardOf(id), id);
  }

  async list(request: ListRequest): Promise<ListPage> {
    this.#assertOpen();
    return list(this.#shards, request);
  }

  async count(scheduler: string): Promise<{ readonly scheduled: number; readonly running: number }> {
    this.#assertOpen();
    return this.#count(scheduler);
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return claim(this.#shardOf(request.announcement.id), request);
  }

  async attach(owner: Owner, handle: StoredHandle): Promise<OwnerAnswer> {
    return attach(this.#shardOf(owner.id), owner, handle);
  }

  async heartbeat(owners: readonly Owner[]): Promise<readonly HeartbeatAnswer[]> {
    return owners.map((owner) => heartbeat(this.#shardOf(owner.id), owner));
  }

  async progress(owner: Owner, value: string): Promise<OwnerAnswer> {
    return progress(this.#shardOf(owner.id), owner, value);
  }

  async appendLog(owner: Owner, text: string, saidAt?: number): Promise<LogAnswer> {
    return appendLog(this.#shardOf(owner.id), owner, { text, saidAt });
  }

  async readLog(id: string, request: LogRequest): Promise<LogPage> {
    return readLog(this.#shardOf(id), id, request);
  }

  async release(owner: Owner, request: ReleaseRequest): Promise<ReleaseAnswer> {
    return release(this.#shardOf(owner.id), owner, request);
  }

  async finish(owner: Owner, end: End): Promise<EndAnswer> {
    return finish(this.#shardOf(owner.id), owner, end);
  }

  async restore(copy: OwnerCopy): Promise<RestoreAnswer> {
    return restore(this.#shardOf(copy.owner.id), copy);
  }

  async expire(request: SweepRequest): Promise<SweepAnswer> {
    return expire(this.#shard(request.shard), request.limit);
  }

  async recover(request: SweepRequest): Promise<SweepAnswer> {
    return recover(this.#shard(request.shard), request.limit);
  }

  async due(request: SweepRequest & { readonly maxBytes: number }): Promise<DueAnswer> {
    return due(this.#shard(request.shard), request.limit, request.maxBytes);
  }

  async stalled(request: StalledRequest): Promise<readonly StalledTask[]> {
    return stalled(this.#shard(request.shard), request);
  }

  async reannounce(id: string, token: string): Promise<boolean> {
    return reannounce(this.#shardOf(id), id, token);
  }

  async undelivered(request: UndeliveredRequest): Promise<UndeliveredAnswer> {
    return undelivered(this.#shardOf(request.id), request);
  }

  async register(
    scheduler: string,
    registration: Registration,
  ): Promise<{ readonly created: boolean; readonly registration: Registration }> {
    this.#assertOpen();
    return this.#registry.register(scheduler, registration);
  }

  async findRegistration(scheduler: string): Promise<Registration | undefined> {
    this.#assertOpen();
    return this.#registry.find(scheduler);
  }

  async schedulers(): Promise<readonly string[]> {
    this.#assertOpen();
    return this.#registry.names();
  }

  async deregister(scheduler: string): Promise<"removed" | "unknown" | "busy"> {
    this.#assertOpen();
    const { scheduled, running } = this.#count(scheduler);
    const instances = this.#registry.instances(scheduler, this.#clock.now());
    if (this.#registry.find(scheduler) === undefined) return "unknown";
    if (scheduled + running + instances.length > 0) return "busy";
    this.#registry.remove(scheduler);
    return "removed";
  }

  async beat(
    scheduler: string,
    instance: Omit<Instance, "seenAt">,
    options: { readonly ttlMs: number; readonly registration?: Registration | undefined },
  ): Promise<void> {
    this.#assertOpen();
    this.#registry.beat(scheduler, instance, { now: this.#clock.now(), ...options });
  }

  async leave(scheduler: string, instanceId: string): Promise<void> {
    this.#assertOpen();
    this.#registry.leave(scheduler, instanceId);
  }

  async instances(scheduler: string): Promise<readonly Instance[]> {
    this.#assertOpen();
    return this.#registry.instances(scheduler, this.#clock.now());
  }

  keepLeases(options: KeepLeasesOptions): LeaseKeeper {
    return new HeartbeatLeaseKeeper({ store: this, clock: this.#clock, logger: silentLogger, ...options });
  }

  async watchDone(id: string, listener: () => void): Promise<Subscription> {
    this.#assertOpen();
    const subscription = this.#doneListeners.add(id, () => {
      subscription.close();
      listener();
    });
    return subscription;
  }

  async watchStops(instanceId: string, listener: (stop: StopHint) => void): Promise<Subscription> {
    this.#assertOpen();
    return this.#stopListeners.add(instanceId, listener);
  }

  async events(request: { readonly after?: string | undefined; readonly limit: number }): Promise<EventPage> {
    this.#assertOpen();
    return this.#events.read(request.after, request.limit);
  }

  #emptyShards(): readonly Shard[] {
    const options = {
      clock: this.#clock,
      events: this.#events,
      doneListeners: this.#doneListeners,
      stopListeners: this.#stopListeners,
      tombstoneLimit: tombstonesPerShard,
    };
    return Array.from({ length: this.shards }, () => new Shard(options));
  }

  #count(scheduler: string): { scheduled: number; running: number } {
    const count = { scheduled: 0, running: 0 };
    for (const shard of this.#shards) {
      for (const record of shard.records.values()) {
        if (record.scheduler === scheduler) count[record.state === "scheduled" ? "scheduled" : "running"]++;
      }
    }
    return count;
  }

  #shardOf(id: string): Shard {
    return this.#shard(shardNumber(id, this.shards));
  }

  #shard(number: number): Shard {
    this.#assertOpen();
    const shard = this.#shards[number];
    if (shard === undefined) throw new RangeError(`There is no shard ${number}: this store has ${this.shards}.`);
    return shard;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreError("closed", "The in-memory store has been closed.");
  }
}
