import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds for tasks that were announced and still wait. */
export const reannounceCases: readonly ContractCase[] = [
  {
    title: "[STORE-48] lists the tasks that wait although they were announced long ago, and no others",
    async verify(trial) {
      const { stepMs } = trial;
      const since = trial.now();
      const first = await trial.announce();
      await trial.advance(2);
      const second = await trial.announce({ task: { scheduler: "bye" } });
      const [unannounced, running, aborted] = [await trial.schedule(), await trial.announce(), await trial.announce()];
      await trial.claim(running);
      await trial.store.abort(aborted.id, {});
      expect(await trial.stalledBefore(since - stepMs)).toEqual([]);
      const until = trial.now() + stepMs / 2;
      // Longer than the first was announced before the one that has been claimed: it is not overtaken.
      const ageMs = until - since + stepMs;
      await trial.advance(ageMs);
      const late = await trial.announce();
      const stalled = await trial.stalledBefore(until);
      const expected = [first, second].map(({ id, announcement: { scheduler, token } }) => {
        return { id, scheduler, token, isOvertaken: false };
      });
      if (trial.store.shards === 1) {
        expect(stalled).toEqual(expected);
        expect(await trial.store.stalled({ shard: 0, limit: 1, ageMs })).toEqual(expected.slice(0, 1));
      }
      expect(new Set(stalled)).toEqual(new Set(expected));
      expect(await trial.stalledBefore(until)).toEqual(stalled);
      expect((await trial.stalled(0)).map(({ id }) => id).sort()).toEqual([first.id, second.id, late.id].sort());
      expect(await trial.store.find(unannounced.id)).toEqual(unannounced.view);
      expect(await trial.ops(first.id)).toEqual(["add"]);
    },
  },
  {
    title: "[STORE-48] lists the stalled tasks of a shard in pages",
    async verify(trial) {
      const announced: string[] = [];
      for (let count = 0; count < 7; count++) announced.push((await trial.announce()).id);
      const listed: string[] = [];
      for (let shard = 0; shard < trial.store.shards; shard++) {
        const request = { shard, limit: 3, ageMs: 0 };
        for (let skip = 0; skip <= announced.length; skip += 3) {
          const page = await trial.store.stalled({ ...request, skip });
          expect(page.length).toBeLessThanOrEqual(3);
          listed.push(...page.map(({ id }) => id));
        }
        expect(await trial.store.stalled({ ...request, skip: 100 })).toEqual([]);
      }
      expect(listed.toSorted()).toEqual(announced.toSorted());
    },
  },
  {
    title: "[STORE-48] counts from the first confirm of the latest announcement",
    async verify(trial) {
      const { id, announcement } = await trial.announce();
      await trial.advance(trial.stepMs);
      await trial.store.announced(id, announcement.token);
      expect((await trial.stalled(trial.stepMs)).map((task) => task.id)).toEqual([id]);
    },
  },
  {
    title: "[STORE-48] lists no task that has been claimed since, given back, or ended",
    async verify(trial) {
      const { stepMs } = trial;
      const [released, vanished, done] = [await trial.announce(), await trial.announce(), await trial.announce()];
      const late = await trial.schedule();
      const expired = await trial.announce({ task: { timeout: trial.instant(trial.ampleMs) } });
      const { owner } = await trial.claim(released);
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      await trial.claim(vanished, { leaseMs: stepMs });
      await trial.claim(late);
      // The confirm comes only now.
      await trial.store.announced(late.id, late.announcement.token);
      await trial.store.finish((await trial.claim(done)).owner, { outcome: "complete" });
      await trial.store.announced(done.id, done.announcement.token);
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("recover")).toEqual([vanished.id]);
      expect(await trial.sweep("expire")).toEqual([expired.id]);
      expect(await trial.stalled(0)).toEqual([]);
      expect((await trial.due()).map(({ id }) => id).sort()).toEqual([released.id, vanished.id].sort());
    },
  },
  {
    title: "[STORE-49] says that a task is overtaken when one has been claimed that was announced so much later",
    async verify(trial) {
      const { stepMs } = trial;
      const since = trial.now();
      const first = await trial.announce();
      const isOvertaken = async (ageMs: number) =>
        (await trial.stalled(ageMs)).find(({ id }) => id === first.id)?.isOvertaken;
      await trial.advance(stepMs);
      const second = await trial.announceBeside(first);
      const older = await trial.announceBeside(second, { task: { scheduler: "bye" } });
      const longerMs = trial.now() - since + stepMs;
      expect(await isOvertaken(stepMs)).toBe(false);
      await trial.claim(older);
      expect(await isOvertaken(stepMs)).toBe(false);
      await trial.claim(second);
      expect(await isOvertaken(stepMs)).toBe(true);
      await trial.advance(longerMs);
      expect(await isOvertaken(longerMs)).toBe(false);
      expect(await isOvertaken(stepMs)).toBe(true);
    },
  },
  {
    title: "[STORE-49] takes the claim of a task whose confirm is still to come for one of when it was due",
    async verify(trial) {
      const first = await trial.announce();
      await trial.advance(trial.stepMs);
      const second = await trial.announceBeside(first);
      await trial.store.reannounce(second.id, second.announcement.token);
      for (const announcement of await trial.due()) await trial.claim({ ...second, announcement });
      const stalled = await trial.stalled(trial.stepMs);
      expect(stalled.filter(({ id }) => id === first.id)).toMatchObject([{ isOvertaken: true }]);
    },
  },
  {
    title: "[STORE-49] does not take back that a task is overtaken when an earlier one is claimed",
    async verify(trial) {
      const first = await trial.announce();
      const early = await trial.announceBeside(first);
      await trial.advance(trial.stepMs);
      const late = await trial.announceBeside(first);
      await trial.claim(late);
      await trial.claim(early);
      const stalled = await trial.stalled(trial.stepMs);
      expect(stalled.filter(({ id }) => id === first.id)).toMatchObject([{ isOvertaken: true }]);
    },
  },
  {
    title: "[STORE-49] does not take the claim of an earlier message for one of the latest announcement",
    async verify(trial) {
      const { stepMs } = trial;
      const since = trial.now();
      const first = await trial.announce();
      await trial.advance(stepMs);
      const again = await trial.announceBeside(first);
      const vanished = await trial.announceBeside(first);
      const longerMs = trial.now() - since + stepMs;
      await trial.claim(vanished, { leaseMs: stepMs });
      await trial.advance(longerMs + stepMs);
      await trial.store.reannounce(again.id, again.announcement.token);
      for (const { id, token } of await trial.due()) await trial.store.announced(id, token);
      // Both were in the queue since they were announced first: it has come no further than that.
      await trial.claim(again);
      await trial.claim(vanished);
      const stalled = await trial.stalled(longerMs);
      expect(stalled.filter(({ id }) => id === first.id)).toMatchObject([{ isOvertaken: false }]);
      const stalledLess = await trial.stalled(stepMs);
      expect(stalledLess.filter(({ id }) => id === first.id)).toMatchObject([{ isOvertaken: true }]);
    },
  },
  {
    title: "[STORE-49] does not take a lost task that is made anew for one that was announced late",
    async verify(trial) {
      const lost = await trial.announce();
      await trial.wipe();
      await trial.leaveGap();
      const waiting = await trial.announce();
      await trial.advance(trial.stepMs);
      await trial.claim(lost, { recreate: { retentionMs: trial.longMs } });
      expect(await trial.stalled(trial.stepMs)).toMatchObject([{ id: waiting.id, isOvertaken: false }]);
    },
  },
  {
    title: "[STORE-50] announces a task again at once, under a new token, when asked with the latest",
    async verify(trial) {
      const { id, announcement, view, ...scheduled } = await trial.announce();
      expect(await trial.store.reannounce(id, randomUUID())).toBe(false);
      expect(await trial.due()).toEqual([]);
      expect(await trial.store.reannounce(id, announcement.token)).toBe(true);
      expect(await trial.store.reannounce(id, announcement.token)).toBe(false);
      expect(await trial.stalled(0)).toEqual([]);
      const [next, ...others] = await trial.due();
      expect(others).toEqual([]);
      expect(next).toEqual({ ...announcement, token: next?.token });
      expect(next?.token).not.toBe(announcement.token);
      // It is not announced yet, so there is nothing to announce again.
      expect(await trial.store.reannounce(id, next?.token ?? "")).toBe(false);
      await trial.store.announced(id, announcement.token);
      expect(await trial.nextDueInMs()).toBeDefined();
      await trial.store.announced(id, next?.token ?? "");
      expect(await trial.nextDueInMs()).toBeUndefined();
      expect(await trial.stalled(0)).toMatchObject([{ id, token: next?.token }]);
      expect(await trial.find(id)).toEqual(view);
      expect(await trial.ops(id)).toEqual(["add"]);
      const { granted } = await trial.claim({ id, announcement, view, ...scheduled });
      expect(granted).toMatchObject({ attempt: 1, run: 1, failures: 0 });
    },
  },
  {
    title: "[STORE-50] announces no task again that runs, waits to be announced, is done, or was never there",
    async verify(trial) {
      const [waiting, running, done] = [await trial.schedule(), await trial.announce(), await trial.announce()];
      const { owner } = await trial.claim(running);
      await trial.store.abort(done.id, {});
      for (const { id, announcement } of [waiting, running, done]) {
        expect(await trial.store.reannounce(id, announcement.token)).toBe(false);
      }
      expect(await trial.store.reannounce(randomUUID(), waiting.announcement.token)).toBe(false);
      await trial.store.abort(owner.id, {});
      expect(await trial.store.reannounce(owner.id, running.announcement.token)).toBe(false);
      expect(await trial.due()).toEqual([]);
      expect(await trial.find(running.id)).toMatchObject({ state: "aborting", attempt: 1 });
    },
  },
];
