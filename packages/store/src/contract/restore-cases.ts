import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds when an owner writes back what the store has lost. */
export const restoreCases: readonly ContractCase[] = [
  {
    title: "[STORE-45] writes a lost task back as its owner knew it, and tells nothing",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.release(owner, { cause: "retry", delayMs: 0, reason: { code: "failed" } });
      const task = await trial.claim(scheduled);
      const before = await trial.find(task.id);
      await trial.wipe();
      const answer = await trial.store.restore(trial.copyOf(task, { runningForMs: 60_000 }));
      expect(answer).toEqual({ answer: "ok", remainingMs: expect.any(Number) as number });
      const remainingMs = "remainingMs" in answer ? answer.remainingMs : 0;
      expect(remainingMs).toBeLessThanOrEqual(trial.longMs);
      expect(remainingMs).toBeGreaterThan(trial.longMs - 60_000);
      const { startedAt = "", ...restored } = await trial.find(task.id);
      const { startedAt: _, ...same } = before;
      expect(restored).toEqual(same);
      expect(Math.abs(Date.parse(startedAt) + 60_000 - trial.now())).toBeLessThan(5_000);
      expect(await trial.store.count("hello")).toEqual({ scheduled: 0, running: 1 });
      expect(await trial.nextDueInMs()).toBeUndefined();
      expect(await trial.events(task.id)).toEqual([]);

      expect(await trial.store.heartbeat([task.owner])).toMatchObject([{ answer: "ok" }]);
      expect(await trial.store.progress(task.owner, "1")).toBe("ok");
      expect(await trial.store.finish(task.owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
      expect(await trial.ops(task.id)).toEqual(["progress", "complete"]);
    },
  },
  {
    title: "[STORE-45] gives a restored task a lease; when it ends, the next owner adopts the same run",
    async verify(trial) {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const task = await trial.run({ leaseMs: trial.longMs }, { traceparent });
      const handle = { runtime: "docker", scope: "host-1", handle: [null, { list: [] }] };
      await trial.wipe();
      const leaseMs = trial.ampleMs;
      const copy = trial.copyOf(task, { leaseMs, run: 3, failures: 1, handle });
      expect(await trial.store.restore(copy)).toMatchObject({ answer: "ok" });
      expect(await trial.tryClaim(task)).toEqual({ answer: "held" });
      expect(await trial.sweep("recover")).toEqual([]);
      await trial.advance(leaseMs);
      expect(await trial.sweep("recover")).toEqual([task.id]);
      const [next] = await trial.due();
      expect(next).toEqual({ ...task.announcement, token: next?.token, attempt: 1 });
      expect((await trial.claim(task)).granted).toMatchObject({ attempt: 2, run: 3, failures: 1, handle });
      expect(await trial.store.restore(copy)).toEqual({ answer: "stale" });
    },
  },
  {
    title: "[STORE-45] goes on counting the failures of a restored task",
    async verify(trial) {
      const [retried, vanished] = [await trial.run(), await trial.run()];
      await trial.wipe();
      for (const task of [retried, vanished]) {
        await trial.store.restore(trial.copyOf(task, { failures: 1, maxAttempts: 2, leaseMs: trial.stepMs }));
      }
      const retry = { cause: "retry", delayMs: 0, reason: { code: "failed" } } as const;
      expect(await trial.store.release(retried.owner, retry)).toMatchObject({ answer: "ended" });
      await trial.advance(trial.stepMs);
      expect(await trial.sweep("recover")).toEqual([vanished.id]);
      expect(await trial.find(vanished.id)).toMatchObject({ state: "done", reason: { code: "lost" } });
    },
  },
  {
    title: "[STORE-45] gives the repeat of a restore the same answer, begins the lease anew, and does nothing else",
    async verify(trial) {
      const task = await trial.run();
      await trial.wipe();
      const copy = trial.copyOf(task, { leaseMs: 2 * trial.ampleMs });
      const ok = { answer: "ok", remainingMs: expect.any(Number) as number };
      expect(await Promise.all([trial.store.restore(copy), trial.store.restore(copy)])).toEqual([ok, ok]);
      const before = await trial.find(task.id);
      await trial.advance(1.5 * trial.ampleMs);
      expect(await trial.store.restore(copy)).toEqual(ok);
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("recover")).toEqual([]);
      expect(await trial.find(task.id)).toEqual(before);
      expect(await trial.ops(task.id)).toEqual([]);
    },
  },
  {
    title: "[STORE-45] lets a restored task be aborted and time out like any other",
    async verify(trial) {
      const aborted = await trial.run();
      const expired = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.wipe();
      for (const task of [aborted, expired]) await trial.store.restore(trial.copyOf(task));
      expect(await trial.store.abort(aborted.id, {})).toMatchObject({ answer: "aborting" });
      expect(await trial.store.restore(trial.copyOf(aborted))).toMatchObject({ answer: "stop" });
      await trial.store.finish(aborted.owner, { outcome: "complete" });
      expect(await trial.find(aborted.id)).toMatchObject({ outcome: "aborted", reason: { code: "requested" } });
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("expire")).toEqual([expired.id]);
      expect(await trial.store.restore(trial.copyOf(expired))).toEqual({ answer: "gone" });
    },
  },
  {
    title: "[STORE-46] leaves a record that is there as it is",
    async verify(trial) {
      const task = await trial.run();
      await trial.store.attach(task.owner, { runtime: "docker", handle: 1 });
      await trial.store.progress(task.owner, "7");
      const before = [await trial.find(task.id), await trial.events(task.id)];
      const copy = trial.copyOf(task, { run: 9, failures: 9, runningForMs: 9_000, instance: "hello@other:1:bbbbbb" });
      expect(await trial.store.restore(copy)).toMatchObject({ answer: "ok" });
      expect([await trial.find(task.id), await trial.events(task.id)]).toEqual(before);
      await trial.store.release(task.owner, { cause: "hand_over", delayMs: 0 });
      expect(await trial.store.restore(copy)).toEqual({ answer: "stale" });
      const next = await trial.claim(task);
      expect(next.granted).toMatchObject({ run: 1, failures: 0, handle: { runtime: "docker", handle: 1 } });
    },
  },
  {
    title: "[STORE-46] answers stale to an owner whose task another one has by now",
    async verify(trial) {
      const [first, second, third] = [await trial.run(), await trial.run(), await trial.run()];
      await trial.store.release(first.owner, { cause: "give_back", delayMs: 0 });
      const next = await trial.claim(first);
      expect(await trial.store.restore(trial.copyOf(first))).toEqual({ answer: "stale" });
      const former = trial.copyOf(next, { owner: { ...next.owner, attempt: 1 } });
      expect(await trial.store.restore(former)).toEqual({ answer: "stale" });
      expect(await trial.store.heartbeat([next.owner])).toMatchObject([{ answer: "ok" }]);

      await trial.wipe();
      const taken = await trial.claim(second, {
        instance: "hello@other:1:bbbbbb",
        recreate: { retentionMs: trial.longMs },
      });
      await trial.store.schedule(third.request);
      for (const task of [second, third]) {
        const before = [await trial.find(task.id), await trial.events(task.id)];
        expect(await trial.store.restore(trial.copyOf(task))).toEqual({ answer: "stale" });
        expect(await trial.store.finish(task.owner, { outcome: "complete" })).toEqual({ answer: "stale" });
        expect([await trial.find(task.id), await trial.events(task.id)]).toEqual(before);
      }
      expect(await trial.store.finish(taken.owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
    },
  },
  {
    title: "[STORE-46] gives a lost task to its owner or to one who makes it anew, never to both",
    async verify(trial) {
      const tasks = await Promise.all(Array.from({ length: 8 }, () => trial.run()));
      await trial.wipe();
      const recreate = { retentionMs: trial.longMs };
      for (const [index, task] of tasks.entries()) {
        const acts = [() => trial.store.restore(trial.copyOf(task)), () => trial.tryClaim(task, { recreate })];
        if (index % 2 === 1) acts.reverse();
        const answers = (await Promise.all(acts.map((act) => act()))).map(({ answer }) => answer).sort();
        expect([
          ["held", "ok"],
          ["granted", "stale"],
        ]).toContainEqual(answers);
      }
    },
  },
  {
    title: "[STORE-46] brings nothing back that has ended since",
    async verify(trial) {
      const task = await trial.run();
      await trial.wipe();
      const next = await trial.claim(task, { recreate: { retentionMs: 1 } });
      await trial.store.finish(next.owner, { outcome: "complete" });
      await trial.advance(trial.stepMs);
      expect(await trial.store.restore(trial.copyOf(task))).toEqual({ answer: "stale" });
      expect(await trial.store.restore(trial.copyOf(next))).toEqual({ answer: "gone" });
      expect(await trial.store.finish(task.owner, { outcome: "complete" })).toEqual({ answer: "stale" });
      expect(await trial.store.finish(next.owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
      expect(await trial.ops(task.id)).toEqual(["ack", "complete"]);
    },
  },
  {
    title: "[STORE-46] brings nothing back that was scheduled in no gap",
    async verify(trial) {
      const task = await trial.run();
      const id = randomUUID();
      const copy = trial.copyOf(task, { owner: { ...task.owner, id } });
      expect(await trial.store.restore(copy)).toEqual({ answer: "gone" });
      expect(await trial.store.find(id)).toBeUndefined();
      expect(await trial.ops(id)).toEqual([]);
    },
  },
  {
    title: "[STORE-43] ends a lost task whose timeout has come, once, when its owner would restore it",
    async verify(trial) {
      const task = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.wipe();
      await trial.advance(trial.ampleMs);
      const copy = trial.copyOf(task);
      expect(await trial.store.restore(copy)).toEqual({ answer: "gone" });
      const { instance } = task.claim;
      expect(await trial.find(task.id)).toMatchObject({ state: "done", outcome: "timeout", attempt: 1, instance });
      expect(await trial.store.restore(copy)).toEqual({ answer: "gone" });
      expect(await trial.store.finish(task.owner, { outcome: "complete" })).toEqual({ answer: "gone" });
      expect(await trial.tryClaim(task, { recreate: { retentionMs: 1 } })).toEqual({ answer: "gone" });
      expect(await trial.events(task.id)).toMatchObject([{ op: "timeout", attempt: 1, instance }]);
    },
  },
  {
    title: "[STORE-47] remembers a restored task that is done until its timeout, however short it is to be kept",
    async verify(trial) {
      const task = await trial.run({}, { retentionMs: 1 });
      await trial.wipe();
      await trial.store.restore(trial.copyOf(task));
      await trial.store.finish(task.owner, { outcome: "complete" });
      await trial.advance(trial.stepMs);
      expect(await trial.tryClaim(task, { recreate: { retentionMs: 1 } })).toEqual({ answer: "gone" });
      expect(await trial.store.finish(task.owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
      expect(await trial.ops(task.id)).toEqual(["complete"]);
    },
  },
];
