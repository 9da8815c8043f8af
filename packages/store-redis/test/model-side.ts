import { contentHash, type TaskStore } from "@mayfly/store";
import type { TaskEvent } from "@mayfly/task";
import { type ModelHistory, startMs } from "./model-history.ts";
import type { Step } from "./steps.ts";

/** A step that is a call of a store. */
export type CallStep = Exclude<Step, { do: "advance" | "flush-scripts" | "wipe" }>;

/** One of two stores to which the same is done, with what it has made for itself and the other cannot know. */
export class ModelSide {
  readonly store: TaskStore;
  readonly #history: ModelHistory;
  /** Whether this side's answers make the history; the other's must be the same. */
  readonly #leads: boolean;
  /** The announce tokens of each task, oldest first. */
  readonly #tokens = new Map<string, string[]>();
  #position: string | undefined;
  /** Whether the position is that of an event: only then both stores can tell whether it is one of theirs. */
  #isAtEvent = false;

  constructor(store: TaskStore, options: { readonly history: ModelHistory; readonly leads: boolean }) {
    this.store = store;
    this.#history = options.history;
    this.#leads = options.leads;
  }

  /** Does a step, and gives what must be the same for both stores. */
  async apply(step: CallStep, now: number): Promise<unknown> {
    const { store } = this;
    const history = this.#history;
    switch (step.do) {
      case "schedule":
        return await this.#schedule(step, now);
      case "announced":
        return await store.announced(step.id, this.#token(step));
      case "abort":
        return await store.abort(step.id, { message: step.message });
      case "claim":
        return await this.#claim(step);
      case "attach":
        return await store.attach(history.owner(step), { runtime: "test", handle: step.value });
      case "heartbeat":
        return await store.heartbeat(history.lastOwners);
      case "progress":
        return await store.progress(history.owner(step), JSON.stringify(step.value));
      case "release": {
        const { cause, delayMs } = step;
        const reason = { code: "failed", message: "It failed." } as const;
        return await store.release(
          history.owner(step),
          cause === "retry" ? { cause, delayMs, reason } : { cause, delayMs },
        );
      }
      case "finish":
        return await store.finish(history.owner(step), step.end);
      case "restore": {
        const copy = history.copyOf(history.owner(step));
        const { value, runningForMs } = step;
        const handle = value === undefined ? undefined : { runtime: "test", handle: value };
        return copy && (await store.restore({ ...copy, runningForMs, handle }));
      }
      case "sweep":
        return await this.#onAll(async (shard) => {
          const { ids, ...rest } = await store[step.kind]({ shard, limit: 100 });
          return { ids: [...ids].sort(), ...rest };
        });
      case "due":
        return await this.#due();
      case "stalled":
        return await this.#onAll(async (shard) => {
          const tasks = await store.stalled({ shard, limit: 100, ageMs: step.ageMs });
          return tasks.map(({ token, ...task }) => ({ ...task, isKnown: token !== "" })).sort(byId);
        });
      case "reannounce":
        return await store.reannounce(step.id, this.#token(step));
      case "undelivered": {
        const { id, isDated, delayMs, maxFailures } = step;
        const scheduledAt = isDated ? history.scheduledAt(id) : undefined;
        const message = "It could not be read.";
        return await store.undelivered({ id, token: this.#token(step), scheduledAt, delayMs, maxFailures, message });
      }
      case "list": {
        const { limit, scheduler, state } = step;
        const first = await store.list({ limit, scheduler, state });
        const second =
          first.cursor === undefined ? undefined : await store.list({ limit, scheduler, state, cursor: first.cursor });
        return [first.tasks, first.cursor !== undefined, second?.tasks, second?.cursor !== undefined];
      }
      case "count":
        return await store.count(step.scheduler);
      case "events":
        return await this.#readOn();
    }
  }

  /** All events that are kept, by task, and whether some are missing. */
  async allEvents(): Promise<unknown> {
    const { gap, events } = await this.#read(undefined);
    return { gap, events: byTask(events) };
  }

  async #schedule(step: Extract<Step, { do: "schedule" }>, now: number): Promise<unknown> {
    const { id, scheduler, content, timeoutMs, timeoutGiven, retentionMs } = step;
    const timeout = new Date(now + timeoutMs).toISOString();
    const task = { id, scheduler, attributes: { content, empty: [] }, timeout };
    const answer = await this.store.schedule({
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
    if (answer.answer === "scheduled") {
      this.#tokens.set(id, [answer.announcement.token]);
      if (this.#leads) this.#history.accepted(task, answer.announcement);
    }
    return answer;
  }

  async #claim(step: Extract<Step, { do: "claim" }>): Promise<unknown> {
    const history = this.#history;
    const { id, isAnnounced, recreates } = step;
    const request = (this.#leads ? undefined : history.latestClaim(id)) ?? history.nextClaim(step);
    const answer = await this.store.claim({
      ...request,
      ...(!isAnnounced && { contentHash: "other" }),
      announcement: { ...request.announcement, token: this.#token({ id, isLatest: true }) },
      ...(recreates && { recreate: { retentionMs: 7_000 } }),
    });
    if (this.#leads && answer.answer === "granted") history.granted(request, answer);
    return answer;
  }

  async #due(): Promise<unknown> {
    return await this.#onAll(async (shard) => {
      const { announcements, ...rest } = await this.store.due({ shard, limit: 100, maxBytes: 4_194_304 });
      for (const announcement of announcements) {
        const { id, token } = announcement;
        const tokens = this.#tokens.get(id) ?? [];
        if (tokens.at(-1) !== token) this.#tokens.set(id, [...tokens, token]);
        if (this.#leads) this.#history.announced(announcement);
      }
      const withoutTokens = announcements.map(({ token, ...rest }) => ({ ...rest, isKnown: token !== "" }));
      return { announcements: withoutTokens.sort(byId), ...rest };
    });
  }

  /** What has come since this was asked last. */
  async #readOn(): Promise<unknown> {
    const { gap, events, position } = await this.#read(this.#position);
    const wasAtEvent = this.#isAtEvent;
    this.#position = position;
    this.#isAtEvent = events.length > 0 || (wasAtEvent && !gap);
    return { gap: wasAtEvent ? gap : "unknown", events: byTask(events) };
  }

  async #read(from: string | undefined): Promise<{ gap: boolean; events: readonly TaskEvent[]; position?: string }> {
    const events: TaskEvent[] = [];
    let [after, gap] = [from, false];
    for (;;) {
      const page = await this.store.events({ after, limit: 7 });
      gap ||= page.gap;
      events.push(...page.events.map(({ event }) => event));
      after = page.position;
      if (page.events.length === 0) return { gap, events, position: after };
    }
  }

  #token({ id, isLatest }: { readonly id: string; readonly isLatest: boolean }): string {
    return this.#tokens.get(id)?.at(isLatest ? -1 : 0) ?? "none";
  }

  async #onAll<Answer>(ask: (shard: number) => Promise<Answer>): Promise<readonly Answer[]> {
    return await Promise.all(Array.from({ length: this.store.shards }, (_, shard) => ask(shard)));
  }
}

/** The order of one task's events is the same in all stores; that of several tasks need not be. */
function byTask(events: readonly TaskEvent[]): unknown {
  return Object.fromEntries(
    [...new Set(events.map(({ id }) => id))].sort().map((id) => [id, events.filter((event) => event.id === id)]),
  );
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}
