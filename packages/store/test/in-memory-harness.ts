import { ManualClock } from "@mayfly/service/testing";
import { InMemoryStore } from "@mayfly/store";
import type { StoreHarness } from "@mayfly/store/contract";

/** An in-process store whose time stands still until it is moved; of another class, if one is given. */
export function openInMemoryHarness(
  options: { readonly shards?: number; readonly Store?: typeof InMemoryStore } = {},
): StoreHarness {
  const { shards = 1, Store = InMemoryStore } = options;
  const clock = new ManualClock();
  const store = new Store({ clock, shards });
  return {
    store,
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    advance: (byMs) => clock.advance(byMs),
    stepMs: 1_000,
    // Nothing here waits for real time.
    patienceMs: 2_000,
    wipe: async () => store.wipe(),
    close: () => store.close(),
  };
}
