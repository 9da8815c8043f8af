import { InlineRuntime } from "@mayfly/runtime";
import { silentLogger } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { InMemoryStore } from "@mayfly/store";
import { toInstant } from "@mayfly/task";
import { beforeEach, describe, expect, it } from "vitest";
import { ScopeWatch } from "../src/scope-watch.ts";
import { AdoptableRuntime, Environment } from "./adoptable-runtime.ts";
import { deferred } from "./deferred.ts";

/** The clock of a process that can stand still. */
class PausableClock extends ManualClock {
  #pausedMs = 0;

  /** Time goes on without the process. */
  pause(forMs: number): void {
    this.#pausedMs += forMs;
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#pausedMs;
  }
}

describe("ScopeWatch", () => {
  let clock: PausableClock;
  let looks: number;
  let isAway: boolean;
  let held: Promise<void> | undefined;
  let store: InMemoryStore;
  let watch: ScopeWatch;

  class CountedStore extends InMemoryStore {
    override async instances(scheduler: string): ReturnType<InMemoryStore["instances"]> {
      looks++;
      if (isAway) throw new Error("The store is away.");
      const answer = await super.instances(scheduler);
      await held;
      return answer;
    }
  }

  beforeEach(() => {
    clock = new PausableClock();
    looks = 0;
    isAway = false;
    held = undefined;
    store = new CountedStore({ clock });
    watch = newWatch();
  });

  function newWatch(leaseMs = 30_000): ScopeWatch {
    const runtime = new InlineRuntime({}, { clock });
    return new ScopeWatch({ name: "hello", runtime, store, clock, logger: silentLogger, leaseMs });
  }

  /** An instance that reaches a scope, for `ttlMs`. */
  async function beat(scope: string, ttlMs: number, scheduler = "hello"): Promise<void> {
    const entry = { id: `${scheduler}@${scope}`, runtime: "docker", scope, concurrency: 1, running: 0 };
    await store.beat(scheduler, { ...entry, state: "active", startedAt: toInstant(clock.now()) }, { ttlMs });
  }

  it("[SDK-70] reaches the scope of its runtime, or none", () => {
    const runtime = new AdoptableRuntime({ environment: new Environment(), scope: "here" });
    const other = new ScopeWatch({ name: "hello", runtime, store, clock, logger: silentLogger, leaseMs: 1 });
    expect([watch.reached, other.reached]).toEqual([[], ["adoptable:here"]]);
  });

  it("[SDK-71] calls a scope abandoned when no instance of the scheduler has reached it for a minute", async () => {
    await beat("other", 600_000);
    await beat("host-1", 600_000, "another-scheduler");
    watch.met("docker:host-1");
    await clock.advance(59_900);
    expect(await watch.abandoned()).toEqual([]);
    await clock.advance(200);
    expect(await watch.abandoned()).toEqual(["docker:host-1"]);
  });

  it("[SDK-71] counts from the end of the last instance that reached it", async () => {
    await beat("host-1", 30_000);
    watch.met("docker:host-1");
    await clock.advance(29_000);
    expect(clock.pendingTimers).toBe(0);
    watch.met("docker:host-1");
    await clock.advance(2_000);
    watch.met("docker:host-1");
    await clock.advance(59_000);
    expect(await watch.abandoned()).toEqual([]);
    await clock.advance(5_000);
    expect(await watch.abandoned()).toEqual(["docker:host-1"]);
  });

  it("[SDK-71] begins anew when an instance was seen in between", async () => {
    watch.met("docker:host-1");
    await clock.advance(40_000);
    await beat("host-1", 6_000);
    await clock.advance(10_000);
    watch.met("docker:host-1");
    await clock.advance(59_000);
    expect(await watch.abandoned()).toEqual([]);
    await clock.advance(2_000);
    expect(await watch.abandoned()).toEqual(["docker:host-1"]);
  });

  it("[SDK-71] begins anew when the store has not answered, for then nobody could say that he lives", async () => {
    watch.met("docker:host-1");
    await clock.advance(50_000);
    isAway = true;
    await clock.advance(9_000);
    isAway = false;
    await clock.advance(30_000);
    expect(await watch.abandoned()).toEqual([]);
    await clock.advance(40_000);
    expect(await watch.abandoned()).toEqual(["docker:host-1"]);
  });

  it("[SDK-71] begins anew when its process has stood still, and may have missed somebody", async () => {
    watch.met("docker:host-1");
    await clock.advance(30_000);
    clock.pause(60_000);
    expect(await watch.abandoned()).toEqual([]);
    await clock.advance(59_000);
    expect(await watch.abandoned()).toEqual([]);
    await clock.advance(2_000);
    expect(await watch.abandoned()).toEqual(["docker:host-1"]);
  });

  it("[SDK-71] counts a lease at least: so long the instances of a store that was wiped may be silent", async () => {
    watch = newWatch(600_000);
    watch.met("docker:host-1");
    await clock.advance(300_000);
    expect(await watch.abandoned()).toEqual([]);
    watch.met("docker:host-1");
    await clock.advance(301_000);
    expect(await watch.abandoned()).toEqual(["docker:host-1"]);
  });

  it("[SDK-72] looks once more just before it says so", async () => {
    watch.met("docker:host-1");
    await clock.advance(64_000);
    await beat("host-1", 30_000);
    expect(await watch.abandoned()).toEqual([]);
  });

  it("[SDK-72] does not go by a look that began before", async () => {
    watch.met("docker:host-1");
    await clock.advance(64_000);
    const { promise, resolve } = deferred<void>();
    held = promise;
    await clock.advance(1_000);
    await beat("host-1", 30_000);
    const abandoned = watch.abandoned();
    resolve();
    expect(await abandoned).toEqual([]);
  });

  it("[SDK-72] says so of none when the store does not answer", async () => {
    watch.met("docker:host-1");
    await clock.advance(64_000);
    isAway = true;
    expect(await watch.abandoned()).toEqual([]);
  });

  it("[SDK-73] looks only while it watches a scope, and forgets one that no claim meets", async () => {
    await clock.advance(60_000);
    expect([looks, clock.pendingTimers, await watch.abandoned()]).toEqual([0, 0, []]);
    watch.met("docker:host-1");
    await clock.advance(20_000);
    expect([looks, clock.pendingTimers]).toEqual([5, 1]);
    await clock.advance(600_000);
    expect([clock.pendingTimers, await watch.abandoned()]).toEqual([0, []]);
  });

  it("[SDK-73] watches none once it has been stopped, and stops when no look is under way", async () => {
    const { promise, resolve } = deferred<void>();
    held = promise;
    watch.met("docker:host-1");
    let isStopped = false;
    const stopping = watch.stop().then(() => (isStopped = true));
    watch.met("docker:host-2");
    await clock.advance(60_000);
    expect([isStopped, looks, clock.pendingTimers]).toEqual([false, 1, 0]);
    resolve();
    await stopping;
    expect(await watch.abandoned()).toEqual([]);
  });
});
