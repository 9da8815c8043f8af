import { type Clock, errorMessage, type Logger, silentLogger, systemClock, type Timer } from "@mayfly/service";
import type { KeepLeasesOptions, LeaseKeeper, LeaseSignal } from "./lease-keeper.ts";
import type { HeartbeatAnswer, Owner } from "./owner.ts";
import { StopMemory } from "./stop-memory.ts";
import type { StopHint, Subscription, TaskStore } from "./task-store.ts";

/** Options of {@link HeartbeatLeaseKeeper}. */
export interface HeartbeatLeaseKeeperOptions extends KeepLeasesOptions {
  readonly store: Pick<TaskStore, "heartbeat" | "watchStops">;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
}

interface Lease {
  readonly owner: Owner;
  /** When the owner must assume, by the monotonic clock, that the lease can end. */
  fence: Timer;
  /** When the latest answered claim, heartbeat or restore was sent. */
  renewedAtMs: number;
  /** When the latest heartbeat was sent, while it is not answered. */
  askedAtMs?: number | undefined;
  isAbortTold: boolean;
}

/** The most that {@link TaskStore.heartbeat} takes. */
const batchSize = 100;

/** A stop can come before the answer of the claim that it follows. */
const rememberStopsMs = 5_000;

/**
 * Keeps leases with the store's own {@link TaskStore.heartbeat} and {@link TaskStore.watchStops}: what a store's
 * `keepLeases` gives unless it has something better.
 *
 * Every sixth of a lease it renews all of them. A lease whose renewal has not been answered is `fenced` a sixth before
 * it can have ended: counted on the monotonic clock from the moment at which the last answered claim, heartbeat or
 * restore was *sent*. One whose record is lost is told so with each heartbeat, and not renewed. A store that is away, or that never answers, is logged and nothing else.
 */
export class HeartbeatLeaseKeeper implements LeaseKeeper {
  /** Resolved: it needs nothing that the store does not have. */
  readonly ready: Promise<void> = Promise.resolve();
  readonly #store: HeartbeatLeaseKeeperOptions["store"];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #instance: string;
  readonly #leaseMs: number;
  readonly #onSignal: KeepLeasesOptions["onSignal"];
  /** By {@link leaseOf}: after a wipe of the store a task can have two owners here, both of its first attempt. */
  readonly #leases = new Map<string, Lease>();
  readonly #earlyStops: StopMemory;
  readonly #underWay = new Set<Promise<void>>();
  #stops: Subscription | "opening" | undefined;
  #tick: Timer;
  #isClosed = false;

  constructor(options: HeartbeatLeaseKeeperOptions) {
    this.#store = options.store;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#instance = options.instance;
    this.#leaseMs = options.leaseMs;
    this.#onSignal = options.onSignal;
    this.#earlyStops = new StopMemory({ clock: this.#clock, keepMs: rememberStopsMs });
    this.#tick = this.#setTick();
    this.#track(this.#listen());
  }

  /** After {@link HeartbeatLeaseKeeper.close} it does nothing. */
  add(owner: Owner, claimedAtMs: number): void {
    if (this.#isClosed || this.#leases.has(leaseOf(owner))) return;
    const fence = this.#setFence(owner, claimedAtMs);
    this.#leases.set(leaseOf(owner), { owner, fence, renewedAtMs: claimedAtMs, isAbortTold: false });
    const stop = this.#earlyStops.take(keyOf(owner));
    // Not from inside this call: the caller may not be ready for a signal before it returns.
    if (stop !== undefined) queueMicrotask(() => this.#signal(owner, stop));
  }

  renewed(owner: Owner, renewedAtMs: number): void {
    const lease = this.#leases.get(leaseOf(owner));
    if (lease !== undefined) this.#moveFence(lease, renewedAtMs);
  }

  remove(owner: Owner): void {
    const lease = this.#leases.get(leaseOf(owner));
    if (lease === undefined) return;
    lease.fence.cancel();
    this.#leases.delete(leaseOf(owner));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tick.cancel();
    for (const { owner } of this.#leases.values()) this.remove(owner);
    await Promise.all(this.#underWay);
    if (typeof this.#stops === "object") this.#stops.close();
  }

  /** {@link HeartbeatLeaseKeeper.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #sixthMs(): number {
    return this.#leaseMs / 6;
  }

  #setTick(): Timer {
    return this.#clock.setTimer(this.#sixthMs, () => {
      this.#tick = this.#setTick();
      if (this.#stops === undefined) this.#track(this.#listen());
      this.#renewAll();
    });
  }

  #setFence(owner: Owner, renewedAtMs: number): Timer {
    const fenceAtMs = renewedAtMs + this.#leaseMs - this.#sixthMs;
    return this.#clock.setTimer(fenceAtMs - this.#clock.monotonicMs(), () => this.#signal(owner, "fenced"));
  }

  #renewAll(): void {
    const nowMs = this.#clock.monotonicMs();
    // A heartbeat that has hung for two turns may be lost: another one then, while there is time.
    const isWaiting = ({ askedAtMs }: Lease): boolean =>
      askedAtMs !== undefined && nowMs - askedAtMs < 2 * this.#sixthMs;
    const leases = [...this.#leases.values()].filter((lease) => !isWaiting(lease));
    for (let from = 0; from < leases.length; from += batchSize) {
      this.#track(this.#renew(leases.slice(from, from + batchSize), nowMs));
    }
  }

  async #renew(leases: readonly Lease[], askedAtMs: number): Promise<void> {
    for (const lease of leases) lease.askedAtMs = askedAtMs;
    try {
      const answers = await this.#store.heartbeat(leases.map(({ owner }) => owner));
      for (const [index, lease] of leases.entries()) this.#take(lease, answers[index], askedAtMs);
    } catch (error) {
      this.#logger.warn({ tasks: leases.length, error: errorMessage(error) }, "Leases could not be renewed");
    } finally {
      for (const lease of leases) if (lease.askedAtMs === askedAtMs) lease.askedAtMs = undefined;
    }
  }

  #take(lease: Lease, answer: HeartbeatAnswer | undefined, askedAtMs: number): void {
    if (answer === undefined || this.#leases.get(leaseOf(lease.owner)) !== lease) return;
    if (answer.answer === "stale" || answer.answer === "gone") {
      this.#signal(lease.owner, answer.answer);
      return;
    }
    if (answer.answer === "lost") {
      this.#signal(lease.owner, "lost");
      return;
    }
    this.#moveFence(lease, askedAtMs);
    if (answer.answer === "stop") this.#signal(lease.owner, "abort");
  }

  #moveFence(lease: Lease, renewedAtMs: number): void {
    // Answers can come in another order than what they answer was sent.
    if (renewedAtMs <= lease.renewedAtMs) return;
    lease.renewedAtMs = renewedAtMs;
    lease.fence.cancel();
    lease.fence = this.#setFence(lease.owner, renewedAtMs);
  }

  async #listen(): Promise<void> {
    this.#stops = "opening";
    try {
      this.#stops = await this.#store.watchStops(this.#instance, (hint) => this.#hear(hint));
    } catch (error) {
      this.#stops = undefined;
      this.#logger.warn({ error: errorMessage(error) }, "Stops cannot be heard; heartbeats tell them later");
    }
  }

  #hear(hint: StopHint): void {
    const leases = [...this.#leases.values()].filter(({ owner }) => keyOf(owner) === keyOf(hint));
    if (leases.length === 0) this.#earlyStops.remember(keyOf(hint), hint.stop);
    for (const { owner } of leases) this.#signal(owner, hint.stop);
  }

  #signal(owner: Owner, signal: LeaseSignal): void {
    const lease = this.#leases.get(leaseOf(owner));
    if (lease === undefined) return;
    if (signal === "abort") {
      if (lease.isAbortTold) return;
      lease.isAbortTold = true;
    } else if (signal !== "lost") {
      this.remove(owner);
    }
    try {
      this.#onSignal(owner, signal);
    } catch (error) {
      this.#logger.error({ task: owner.id, signal, error: errorMessage(error) }, "A lease signal was not taken");
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }
}

/** A stop for another attempt than the one that is run is not meant: the attempt is part of the key. */
function keyOf({ id, attempt }: { readonly id: string; readonly attempt: number }): string {
  return `${id}/${attempt}`;
}

/** All that proves an owner. */
function leaseOf(owner: Owner): string {
  return `${keyOf(owner)}/${owner.token}`;
}
