import { ManualClock } from "@mayfly/service/testing";
import { type ClaimRequest, contentHash, InMemoryStore, type Owner, type TaskStore } from "@mayfly/store";
import { RedisStore } from "@mayfly/store-redis";
import type { TaskEvent } from "@mayfly/task";
import { expect } from "vitest";
import { auditIndexes } from "./index-audit.ts";
import { aPrefix, keysOf, type Redis } from "./redis-harness.ts";
import type { Step } from "./steps.ts";
import { testNowKey } from "./test-clock.ts";

/** What each store has made for itself and the other cannot know. */
interface Side {
  readonly store: TaskStore;
  /** The announce tokens of each task, oldest first. */
  readonly tokens: Map<string, string[]>;
}

const startMs = Date.UTC(2030, 0, 1);

/** A RedisStore and an InMemoryStore at the same time by the same clock: whatever is done to both, both must answer alike. */
export class TwoStores {
  readonly #redis: Redis;
  readonly #prefix = aPrefix();
  readonly #clock = new ManualClock(startMs);
  readonly #sides: readonly [Side, Side];
  readonly #owners: Owner[] = [];
  readonly #claims = new Map<string, ClaimRequest>();
  readonly #expiries = new Map<string, number>();
  readonly #ids: readonly string[];

  constructor(options: {
    readonly redis: Redis;
    readonly url: string;
    readonly shards: number;
    readonly ids: readonly string[];
  }) {
    const { redis, url, shards, ids } = options;
    this.#redis = redis;
    this.#ids = ids;
    this.#sides = [
      { store: new RedisStore({ url, prefix: this.#prefix, shards }), tokens: new Map() },
      { store: new InMemoryStore({ clock: this.#clock, shards }), tokens: new Map() },
    ];
  }

  async open(): Promise<void> {
    await this.#setTime();
    for (const { store } of this.#sides) await store.open();
  }

  async close(): Promise<void> {
    for (const { store } of this.#sides) await store.close();
    const keys = await keysOf(this.#redis, this.#prefix);
    if (keys.length > 0) await this.#redis.del([...keys]);
  }

  /** Does a step to both, and verifies that they answer alike and that Redis' indexes are true to its records. */
  async take(step: Step): Promise<void> {
    if (step.do === "advance") await this.#advance(step.byMs);
    else if (step.do === "flush-scripts") await this.#redis.scriptFlush();
    else await this.#both((side) => this.#apply(step, side));
    await auditIndexes(this.#redis, this.#prefix);
    await this.#keepTombstones();
    for (const id of this.#ids) await this.#both(({ store }) => store.find(id));
  }

  /** Verifies that both tell the same of each task. */
  async compareEvents(): Promise<void> {
    await this.#both(async ({ store }) => {
      const events: TaskEvent[] = [];
      let after: string | undefined;
      for (let isMore = true; isMore; ) {
        const page = await store.events({ after, limit: 7 });
        events.push(...page.events.map(({ event }) => event));
        after = page.position;
        isMore = page.events.length > 0;
      }
      return this.#ids.map((id) => events.filter((event) => event.id === id));
    });
  }

  async #both(ask: (side: Side) => Promise<unknown>): Promise<void> {
    const [redis, memory] = [await ask(this.#sides[0]), await ask(this.#sides[1])];
    expect(redis).toStrictEqual(memory);
  }

  async #apply(step: Exclude<Step, { do: "advance" | "flush-scripts" }>, side: Side): Promise<unknown> {
    const { store } = side;
    const now = this.#clock.now();
    switch (step.do) {
      case "schedule": {
        const { id, scheduler, content, timeoutMs, timeoutGiven, retentionMs } = step;
        const task = {
          id,
          scheduler,
          attributes: { content, empty: [] },
          timeout: new Date(now + timeoutMs).toISOString(),
        };
        const answer = await store.schedule({
          task,
          body: JSON.stringify(task),
          contentHash: contentHash(task),
          timeoutGiven,
          // The same for each request of a task: whether another one is a conflict is a question of its own.
          ...(id.startsWith("1") && { notBefore: startMs + 20_000 }),
          maxTimeoutMs: 400_000,
          retentionMs,
          announceToken: `${id}/${now}`,
        });
        if (answer.answer === "scheduled") side.tokens.set(id, [answer.announcement.token]);
        return answer;
      }
      case "announced":
        return await store.announced(step.id, side.tokens.get(step.id)?.at(step.isLatest ? -1 : 0) ?? "none");
      case "abort":
        return await store.abort(step.id, { message: step.message });
      case "claim":
        return await this.#claim(step, side);
      case "attach":
        return await store.attach(this.#owner(step), { runtime: "test", handle: step.value });
      case "heartbeat":
        return await store.heartbeat(this.#owners.slice(-100));
      case "progress":
        return await store.progress(this.#owner(step), JSON.stringify(step.value));
      case "release": {
        const { cause, delayMs } = step;
        const reason = { code: "failed", message: "It failed." } as const;
        return await store.release(
          this.#owner(step),
          cause === "retry" ? { cause, delayMs, reason } : { cause, delayMs },
        );
      }
      case "finish":
        return await store.finish(this.#owner(step), step.end);
      case "sweep":
        return await this.#onAll(async (shard) => {
          const { ids, ...rest } = await store[step.kind]({ shard, limit: 100 });
          return { ids: [...ids].sort(), ...rest };
        });
      case "due":
        return await this.#onAll(async (shard) => {
          const { announcements, ...rest } = await store.due({ shard, limit: 100, maxBytes: 4_194_304 });
          for (const { id, token } of announcements) this.#remember(side, id, token);
          const withoutTokens = announcements.map(({ token, ...announcement }) => ({
            ...announcement,
            isKnown: token !== "",
          }));
          return { announcements: withoutTokens.sort((a, b) => (a.id < b.id ? -1 : 1)), ...rest };
        });
      case "list": {
        const { limit, scheduler, state } = step;
        const first = await store.list({ limit, scheduler, state });
        const second =
          first.cursor === undefined ? undefined : await store.list({ limit, scheduler, state, cursor: first.cursor });
        return [first.tasks, first.cursor !== undefined, second?.tasks, second?.cursor !== undefined];
      }
      case "count":
        return await store.count(step.scheduler);
    }
  }

  /** The first side's answer decides who owns the task; the other's must be the same, or the comparison fails. */
  async #claim(step: Extract<Step, { do: "claim" }>, side: Side): Promise<unknown> {
    const isFirst = side === this.#sides[0];
    const { id, isRepeat, leaseMs, maxAttempts, isAnnounced } = step;
    const earlier = this.#claims.get(id);
    const announcement = { id, scheduler: "a", body: "{}", token: "", scheduledAt: startMs, attempt: 0 };
    const fresh = {
      announcement,
      contentHash: "",
      timeout: 0,
      token: `claim-${this.#claims.size}-${this.#owners.length}`,
      instance: "a@host:1",
      leaseMs,
      maxAttempts,
    };
    const request = (isRepeat || !isFirst) && earlier !== undefined ? earlier : fresh;
    this.#claims.set(id, request);
    const answer = await side.store.claim(isAnnounced ? request : { ...request, contentHash: "other" });
    if (isFirst && answer.answer === "granted") {
      this.#owners.push({ id, attempt: answer.attempt, token: request.token, scheduledAt: startMs });
    }
    return answer;
  }

  /** The latest owner, one before it, or (before any) nobody's. */
  #owner({ id, back }: { readonly id: string; readonly back: number }): Owner {
    const own = this.#owners.filter((owner) => owner.id === id);
    return own.at(-1 - back) ?? { id, attempt: 1, token: "nobody's", scheduledAt: startMs };
  }

  #remember(side: Side, id: string, token: string): void {
    const tokens = side.tokens.get(id) ?? [];
    if (tokens.at(-1) !== token) side.tokens.set(id, [...tokens, token]);
  }

  async #onAll<Answer>(ask: (shard: number) => Promise<Answer>): Promise<readonly Answer[]> {
    return await Promise.all(Array.from({ length: this.#sides[0].store.shards }, (_, shard) => ask(shard)));
  }

  async #advance(byMs: number): Promise<void> {
    await this.#clock.advance(byMs);
    await this.#setTime();
    for (const [key, expiresAt] of this.#expiries) {
      if (expiresAt > this.#clock.now()) continue;
      this.#expiries.delete(key);
      await this.#redis.del(key);
    }
  }

  async #setTime(): Promise<void> {
    await this.#redis.set(testNowKey(this.#prefix), String(this.#clock.now()));
  }

  /** Redis' own expiry follows the real clock: from now on the test clock decides. */
  async #keepTombstones(): Promise<void> {
    for (const key of await keysOf(this.#redis, this.#prefix)) {
      if (!key.includes(":done:")) continue;
      const leftMs = await this.#redis.pTTL(key);
      if (leftMs < 0) continue;
      await this.#redis.persist(key);
      this.#expiries.set(key, this.#clock.now() + Math.ceil(leftMs / 1_000) * 1_000);
    }
  }
}
