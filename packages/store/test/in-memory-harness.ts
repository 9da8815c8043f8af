import { ManualClock } from "@mayfly/service/testing";
import { InMemoryStore } from "@mayfly/store";
import type { StoreHarness } from "@mayfly/store/contract";

/** An in-process store whose time stands still until it is moved. */
export function openInMemoryHarness(options: { readonly shards?: number } = {}): StoreHarness {
  const clock = new ManualClock();
  const store = new InMemoryStore({ clock, ...options });
  return {
    store,
    now: () => clock.now(),
    advance: (byMs) => clock.advance(byMs),
    stepMs: 1_000,
    close: () => store.close(),
  };
}
