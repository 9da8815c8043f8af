import { silentLogger, systemClock } from "@mayfly/service";
import type { KeepLeasesOptions, LeaseKeeper } from "@mayfly/store";
import type { RedisStoreOptions } from "../redis-store-options.ts";
import { startLeaseThread } from "./lease-thread.ts";
import { LeaseThreadKeeper } from "./lease-thread-keeper.ts";

/** A thread that is alive says so every two seconds, or with each renewal when leases are long. */
const aliveAtLeastMs = 2_000;

/**
 * Keeps leases in a thread of its own, which connects like the store with `storeOptions`.
 *
 * @throws Error when the file of the thread is missing
 */
export function keepLeasesInThread(storeOptions: RedisStoreOptions, options: KeepLeasesOptions): LeaseKeeper {
  // Whether Redis is safe to use, the store has checked.
  const { clock = systemClock, logger = silentLogger, production: _checked, ...store } = storeOptions;
  const { instance, leaseMs } = options;
  const aliveMs = Math.max(aliveAtLeastMs, leaseMs / 6);
  return new LeaseThreadKeeper({
    ...options,
    aliveMs,
    clock,
    logger,
    startThread: (listener) => startLeaseThread({ store, instance, leaseMs, aliveMs }, listener),
  });
}
