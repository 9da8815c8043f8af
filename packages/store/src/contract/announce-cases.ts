import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

const firstAfterMs = 5_000;
const againAfterMs = 10_000;
/** How far the clocks of the store and of its harness may be apart. */
const toleranceMs = 100;

/** What holds for what is still to be announced. */
export const announceCases: readonly ContractCase[] = [
  {
    title: "[STORE-23] leaves a new task to the API for 5 s before it is due",
    async verify(trial) {
      const since = trial.now();
      await trial.schedule();
      expect(await trial.due()).toEqual([]);
      const nextInMs = await trial.nextDueInMs();
      expect(nextInMs).toBeLessThanOrEqual(firstAfterMs);
      expect(nextInMs).toBeGreaterThan(firstAfterMs - (trial.now() - since) - toleranceMs);
    },
  },
  {
    title: "[STORE-23] announces a task for later at its time, as it was answered",
    async verify(trial) {
      const { announcement, dueInMs } = await trial.schedule({ notBefore: trial.now() + trial.ampleMs });
      expect(dueInMs).toBeGreaterThan(0);
      expect(await trial.due()).toEqual([]);
      expect(await trial.nextDueInMs()).toBeLessThanOrEqual(trial.ampleMs + 10);
      await trial.advance(trial.ampleMs + 10);
      expect(await trial.due()).toEqual([announcement]);
    },
  },
  {
    title: "[STORE-24] gives what is due to one sweeper, and to nobody for the next 10 s",
    async verify(trial) {
      const { owner } = await trial.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const since = trial.now();
      const taken = await Promise.all([trial.due(), trial.due(), trial.due()]);
      expect(taken.flat().map(({ id }) => id)).toEqual([owner.id]);
      expect(await trial.due()).toEqual([]);
      const nextInMs = await trial.nextDueInMs();
      expect(nextInMs).toBeLessThanOrEqual(againAfterMs);
      expect(nextInMs).toBeGreaterThan(againAfterMs - (trial.now() - since) - toleranceMs);
    },
  },
  {
    title: "[STORE-24] gives it again after 10 s unless it was announced, with the same token",
    async verify(trial) {
      const { id, owner } = await trial.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const first = await trial.due();
      await trial.advance(againAfterMs);
      expect(await trial.due()).toEqual(first);
      await trial.store.announced(id, first[0]?.token ?? "");
      expect(await trial.nextDueInMs()).toBeUndefined();
      await trial.advance(1);
      expect(await trial.due()).toEqual([]);
    },
  },
  {
    title: "[STORE-24] gives at most as many and as much as asked for, but always one",
    async verify(trial) {
      const attributes = { text: "x".repeat(1_000) };
      const running = await Promise.all(Array.from({ length: 6 }, () => trial.run({}, { task: { attributes } })));
      for (const { owner } of running) await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const shard = { shard: 0, limit: 100, maxBytes: 4_194_304 };
      const taken: string[] = [];
      const take = async (request: { limit?: number; maxBytes?: number }): Promise<readonly [number, number]> => {
        const { announcements, nextInMs } = await trial.store.due({ ...shard, ...request });
        taken.push(...announcements.map(({ id }) => id));
        return [announcements.length, nextInMs ?? -1];
      };
      if (trial.store.shards === 1) {
        expect(await take({ limit: 1 })).toEqual([1, 0]);
        expect(await take({ maxBytes: 2_500 })).toEqual([2, 0]);
        expect(await take({ maxBytes: 10 })).toEqual([1, 0]);
      }
      taken.push(...(await trial.due()).map(({ id }) => id));
      expect(taken.sort()).toEqual(running.map(({ id }) => id).sort());
    },
  },
  {
    title: "[STORE-25] takes a task for announced by the token of its latest announcement only",
    async verify(trial) {
      const { id, announcement } = await trial.schedule();
      await trial.store.announced(id, "another token");
      expect(await trial.nextDueInMs()).toBeDefined();
      await trial.store.announced(id, announcement.token);
      expect(await trial.nextDueInMs()).toBeUndefined();
      await trial.store.announced(id, announcement.token);
      await trial.store.announced("00000000-0000-4000-8000-000000000000", announcement.token);
      expect(await trial.find(id)).toMatchObject({ state: "scheduled" });
    },
  },
  {
    title: "[STORE-25] announces a released or recovered task under a new token; the old one counts no more",
    async verify(trial) {
      const { id, announcement, ...scheduled } = await trial.schedule();
      const tokens = [announcement.token];
      for (const cause of ["give_back", "hand_over", "lost"] as const) {
        const { owner } = await trial.claim({ id, announcement, ...scheduled }, { leaseMs: trial.stepMs });
        if (cause === "lost") {
          await trial.advance(trial.stepMs);
          expect(await trial.sweep("recover")).toEqual([id]);
        } else {
          await trial.store.release(owner, { cause, delayMs: 0 });
        }
        for (const token of tokens) await trial.store.announced(id, token);
        const [next, ...others] = await trial.due();
        expect(others).toEqual([]);
        expect(next).toEqual({ ...announcement, token: next?.token, attempt: owner.attempt });
        tokens.push(next?.token ?? "");
      }
      expect(new Set(tokens).size).toBe(4);
    },
  },
  {
    title: "[STORE-25] announces no task that runs or is done",
    async verify(trial) {
      const { id, owner } = await trial.run();
      expect(await trial.nextDueInMs()).toBeUndefined();
      await trial.store.abort(id, {});
      expect(await trial.nextDueInMs()).toBeUndefined();
      await trial.store.finish(owner, { outcome: "complete" });
      expect(await trial.nextDueInMs()).toBeUndefined();
    },
  },
];
