import type { Clock, Logger, Timer } from "@mayfly/service";
import { errorMessage } from "@mayfly/service";
import type { KeepLeasesOptions, LeaseKeeper, LeaseSignal, Owner } from "@mayfly/store";
import type { LeaseNews } from "./lease-message.ts";
import type { StartLeaseThread } from "./lease-thread.ts";
import { LeaseThreadWatch } from "./lease-thread-watch.ts";
import { fromSharedMs, toSharedMs } from "./shared-time.ts";

/** Options of {@link LeaseThreadKeeper}. */
export interface LeaseThreadKeeperOptions extends KeepLeasesOptions {
  readonly startThread: StartLeaseThread;
  /** How often the thread tells that it is alive, in milliseconds. */
  readonly aliveMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Lease {
  readonly owner: Owner;
  /** When the owner must assume, by the monotonic clock of this thread, that the lease can end. */
  fence: Timer;
  renewedAtMs: number;
  isAbortTold: boolean;
}

/**
 * Keeps leases in a thread of its own, so that whoever blocks the event loop of the main thread loses none.
 *
 * The main thread fences as well, for the thread may be the one that is gone: a sixth before a lease can have ended,
 * counted from the latest renewal that the thread has told of. What the thread has told while the event loop stood
 * still is heard first.
 */
export class LeaseThreadKeeper implements LeaseKeeper {
  readonly #options: LeaseThreadKeeperOptions;
  readonly #thread: LeaseThreadWatch;
  readonly #leases = new Map<string, Lease>();
  #isClosed = false;

  constructor(options: LeaseThreadKeeperOptions) {
    this.#options = options;
    this.#thread = new LeaseThreadWatch({
      ...options,
      onNews: (news) => this.#hear(news),
      onStarted: () => this.#addAll(),
    });
  }

  /** @throws StoreError when the first thread could not be started or could not connect for good; rejected */
  get ready(): Promise<void> {
    return this.#thread.ready;
  }

  /** After {@link LeaseThreadKeeper.close} it does nothing. */
  add(owner: Owner, claimedAtMs: number): void {
    if (this.#isClosed || this.#leases.has(owner.token)) return;
    const fence = this.#setFence(owner, claimedAtMs);
    const lease = { owner, fence, renewedAtMs: claimedAtMs, isAbortTold: false };
    this.#leases.set(owner.token, lease);
    this.#tellAdd(lease);
  }

  renewed(owner: Owner, renewedAtMs: number): void {
    if (!this.#leases.has(owner.token)) return;
    this.#renew(owner.token, renewedAtMs);
    this.#thread.tell({ type: "renewed", owner, atMs: toSharedMs(this.#options.clock, renewedAtMs) });
  }

  remove(owner: Owner): void {
    const lease = this.#leases.get(owner.token);
    if (lease === undefined) return;
    lease.fence.cancel();
    this.#leases.delete(owner.token);
    this.#thread.tell({ type: "remove", owner });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { fence } of this.#leases.values()) fence.cancel();
    this.#leases.clear();
    await this.#thread.close();
  }

  /** {@link LeaseThreadKeeper.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A new thread knows of nothing. */
  #addAll(): void {
    for (const lease of this.#leases.values()) this.#tellAdd(lease);
  }

  #tellAdd({ owner, renewedAtMs }: Lease): void {
    this.#thread.tell({ type: "add", owner, atMs: toSharedMs(this.#options.clock, renewedAtMs) });
  }

  #hear(news: Extract<LeaseNews, { readonly type: "renewed" | "signal" }>): void {
    switch (news.type) {
      case "renewed":
        for (const token of news.tokens) this.#renew(token, fromSharedMs(this.#options.clock, news.atMs));
        break;
      case "signal":
        this.#signal(news.owner, news.signal);
        break;
    }
  }

  #renew(token: string, renewedAtMs: number): void {
    const lease = this.#leases.get(token);
    if (lease === undefined || renewedAtMs <= lease.renewedAtMs) return;
    lease.renewedAtMs = renewedAtMs;
    lease.fence.cancel();
    lease.fence = this.#setFence(lease.owner, renewedAtMs);
  }

  #setFence(owner: Owner, renewedAtMs: number): Timer {
    const { clock, leaseMs } = this.#options;
    const fenceAtMs = renewedAtMs + leaseMs - leaseMs / 6;
    return clock.setTimer(fenceAtMs - clock.monotonicMs(), () => {
      // After a block of the event loop timers come first, and renewals may wait behind them.
      this.#thread.hear();
      if (this.#leases.get(owner.token)?.renewedAtMs === renewedAtMs) this.#signal(owner, "fenced");
    });
  }

  #signal(owner: Owner, signal: LeaseSignal): void {
    const lease = this.#leases.get(owner.token);
    if (lease === undefined) return;
    if (signal === "abort") {
      // A thread that was started anew tells it again.
      if (lease.isAbortTold) return;
      lease.isAbortTold = true;
    } else if (signal !== "lost") {
      this.remove(owner);
    }
    try {
      this.#options.onSignal(lease.owner, signal);
    } catch (error) {
      this.#options.logger.error(
        { task: owner.id, signal, error: errorMessage(error) },
        "A lease signal was not taken",
      );
    }
  }
}
