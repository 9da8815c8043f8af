import { ManualClock } from "@mayfly/service/testing";
import { InMemoryStore } from "@mayfly/store";
import { RedisStore } from "@mayfly/store-redis";
import { expect } from "vitest";
import { auditIndexes } from "./index-audit.ts";
import type { Keyspace } from "./keyspace.ts";
import { ModelHistory, startMs } from "./model-history.ts";
import { ModelSide } from "./model-side.ts";
import { aPrefix, watchAll } from "./redis-harness.ts";
import type { Step } from "./steps.ts";
import { setTestNow } from "./test-clock.ts";

/** Options of {@link TwoStores}. */
export interface TwoStoresOptions {
  readonly keyspace: Keyspace;
  readonly url: string;
  readonly shards: number;
  /** The ids of all tasks that are used. */
  readonly ids: readonly string[];
}

/** A RedisStore and an InMemoryStore at the same time by the same clock: whatever is done to both, both must answer alike. */
export class TwoStores {
  readonly #options: TwoStoresOptions;
  readonly #prefix = aPrefix();
  readonly #clock = new ManualClock(startMs);
  readonly #redis: RedisStore;
  readonly #memory: InMemoryStore;
  readonly #sides: readonly [ModelSide, ModelSide];
  /** When tombstones expire. */
  readonly #expiries = new Map<string, number>();

  constructor(options: TwoStoresOptions) {
    const { url, shards } = options;
    this.#options = options;
    // A machine that stands still for a moment makes no difference between the two.
    this.#redis = new RedisStore({ url, prefix: this.#prefix, shards, callTimeoutMs: 20_000 });
    this.#memory = new InMemoryStore({ clock: this.#clock, shards });
    const history = new ModelHistory();
    this.#sides = [
      new ModelSide(this.#redis, { history, leads: true }),
      new ModelSide(this.#memory, { history, leads: false }),
    ];
  }

  async open(): Promise<void> {
    await this.#setTime();
    for (const { store } of this.#sides) await store.open();
    await this.#advance(1);
  }

  async close(): Promise<void> {
    for (const { store } of this.#sides) await store.close();
    const { keyspace } = this.#options;
    await keyspace.remove(await keyspace.keys(this.#prefix));
  }

  /** Does a step to both, and verifies that they answer alike and that Redis' indexes are true to its records. */
  async take(step: Step): Promise<void> {
    if (step.do === "advance") await this.#advance(step.byMs);
    else if (step.do === "flush-scripts") await this.#options.keyspace.flushScripts();
    else if (step.do === "wipe") await this.#wipe();
    else await this.#both((side) => side.apply(step, this.#clock.now()));
    await auditIndexes(this.#options.keyspace, this.#prefix);
    await this.#keepTombstones();
    await this.#both(({ store }) => Promise.all(this.#options.ids.map((id) => store.find(id))));
    await this.#both(({ store }) => Promise.all(this.#options.ids.map((id) => store.currentRun(id))));
  }

  /** Verifies that both tell the same of each task. */
  async compareEvents(): Promise<void> {
    await this.#both((side) => side.allEvents());
  }

  async #both(ask: (side: ModelSide) => Promise<unknown>): Promise<void> {
    const [redis, memory] = [await ask(this.#sides[0]), await ask(this.#sides[1])];
    expect(redis).toStrictEqual(memory);
  }

  async #wipe(): Promise<void> {
    const { keyspace } = this.#options;
    await keyspace.remove(await keyspace.keys(this.#prefix));
    this.#expiries.clear();
    await this.#setTime();
    // Redis notices it at the next look; the other store knows at once.
    await watchAll(this.#redis);
    this.#memory.wipe();
  }

  async #advance(byMs: number): Promise<void> {
    await this.#clock.advance(byMs);
    await this.#setTime();
    const expired = [...this.#expiries].filter(([, expiresAt]) => expiresAt <= this.#clock.now()).map(([key]) => key);
    for (const key of expired) this.#expiries.delete(key);
    await this.#options.keyspace.remove(expired);
  }

  async #setTime(): Promise<void> {
    const { keyspace, shards } = this.#options;
    await setTestNow(keyspace, { prefix: this.#prefix, shards }, this.#clock.now());
  }

  /** Redis' own expiry follows the real clock: from now on the test clock decides. */
  async #keepTombstones(): Promise<void> {
    const { keyspace } = this.#options;
    const all = await keyspace.keys(this.#prefix);
    for (const key of all) {
      if (!key.includes(":done:")) continue;
      const leftMs = await keyspace.pTTL(key);
      if (leftMs < 0) continue;
      await keyspace.persist(key);
      const index = `${key.slice(0, key.indexOf("}:") + 2)}ended`;
      await keyspace.persist(index);
      const id = key.slice(key.lastIndexOf(":") + 1);
      const entries = await keyspace.zRangeWithScores(index, 0, -1);
      const expiresAt = entries.find(({ value }) => value === id)?.score ?? 0;
      // Some of it has passed by the real clock since the script ran.
      expect(expiresAt - this.#clock.now() - leftMs, `lifetime of ${key}`).toSatisfy(
        (passedMs: number) => passedMs >= 0 && passedMs < 4_000,
      );
      this.#expiries.set(key, expiresAt);
    }
  }
}
