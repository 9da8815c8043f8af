import { HeartbeatLeaseKeeper, type KeepLeasesOptions, StoreError, type TaskStore } from "@mayfly/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, World } from "./world.ts";

describe("an instance that is cut off from the store", () => {
  let world: World;

  beforeEach(async () => {
    world = await new World().open();
  });

  afterEach(() => world.close());

  /** The store of the world for one instance, which can be cut off from it; others are not. */
  function ownWay(): { readonly store: TaskStore; isCut: boolean } {
    const way = { isCut: false };
    const store: TaskStore = new Proxy<TaskStore>(world.store, {
      get(target, name) {
        if (name === "keepLeases")
          return (options: KeepLeasesOptions) => new HeartbeatLeaseKeeper({ store, clock: world.clock, ...options });
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return (...given: unknown[]): unknown =>
          way.isCut
            ? Promise.reject(new StoreError("unavailable", "Cut off."))
            : (member.apply(target, given) as unknown);
      },
    });
    return Object.assign(way, { store });
  }

  it.each([0, 1_300, 4_900])(
    "[SDK-14] stops its work before another one can have it, cut off %d ms after a renewal",
    async (afterMs) => {
      const way = ownWay();
      const startMs = world.clock.monotonicMs();
      const times: { readonly what: string; readonly atMs: number }[] = [];
      const note = (what: string): void => void times.push({ what, atMs: world.clock.monotonicMs() - startMs });
      const wait = async (
        _task: unknown,
        run: { readonly attempt: number; readonly signal: AbortSignal },
      ): Promise<void> => {
        note(`begins ${run.attempt}`);
        note(`ends ${run.attempt}: ${await stopped(run.signal)}`);
      };
      await world.startScheduler({ wait }, { store: way.store, concurrency: 1 });
      const id = await world.schedule("wait");
      // Claimed now, and renewed after 5 and after 10 seconds.
      await world.clock.advance(10_000 + afterMs);
      way.isCut = true;
      await world.startScheduler({ wait });
      await world.clock.advance(45_000);
      expect(times.map(({ what }) => what)).toEqual(["begins 1", "ends 1: lost", "begins 2"]);
      const [, ends, begins] = times.map(({ atMs }) => atMs);
      expect(ends).toBeLessThanOrEqual(35_100);
      expect(begins).toBeGreaterThanOrEqual(40_000);
      way.isCut = false;
      await world.clock.advance(5_000);
      expect(await world.view(id)).toMatchObject({ state: "running", attempt: 2 });
    },
  );
});
