import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds when the sweeper ends what is late and recovers what has lost its owner. */
export const sweepCases: readonly ContractCase[] = [
  {
    title: "[STORE-21] ends every task whose timeout has come, in each state, and no other",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const scheduled = await trial.schedule({ task });
      const later = await trial.schedule({ task, notBefore: trial.now() + trial.longMs });
      const running = await trial.run({}, { task });
      const aborting = await trial.run({}, { task });
      await trial.store.abort(aborting.id, {});
      const other = await trial.schedule();
      expect(await trial.sweep("expire")).toEqual([]);

      await trial.advance(trial.ampleMs);
      const ids = [scheduled, later, running, aborting].map(({ id }) => id);
      expect([...(await trial.sweep("expire"))].sort()).toEqual([...ids].sort());
      for (const id of ids) {
        const done = await trial.find(id);
        expect(done).toMatchObject({ state: "done", outcome: "timeout" });
        expect(done).not.toHaveProperty("reason");
        expect((await trial.events(id)).at(-1)).toMatchObject({ op: "timeout", outcome: "timeout" });
      }
      expect(await trial.find(other.id)).toEqual(other.view);
      expect(await trial.sweep("expire")).toEqual([]);
      expect(await trial.sweep("recover")).toEqual([]);
      expect(await trial.store.count("hello")).toEqual({ scheduled: 1, running: 0 });
    },
  },
  {
    title: "[STORE-21] sweeps at most as many as it may, and says when the next is due",
    async verify(trial) {
      const [shard, limit] = [0, 2];
      expect(await trial.store.expire({ shard, limit })).toEqual({ ids: [] });
      expect(await trial.store.recover({ shard, limit })).toEqual({ ids: [] });
      const timeout = trial.instant(trial.longMs / 2);
      // Enough of them that each shard has more than its limit.
      const count = 40 * trial.store.shards;
      await Promise.all(
        Array.from({ length: count }, () => trial.run({ leaseMs: trial.stepMs }, { task: { timeout } })),
      );
      const before = await trial.store.expire({ shard, limit });
      expect(before.ids).toEqual([]);
      expect(before.nextInMs).toBeLessThanOrEqual(trial.longMs / 2 + 1_000);
      expect(before.nextInMs).toBeGreaterThan(trial.longMs / 2 - 60_000);

      await trial.advance(trial.stepMs);
      const answer = await trial.store.recover({ shard, limit });
      expect(answer.ids).toHaveLength(limit);
      expect(answer.nextInMs).toBe(0);
      const rest = await trial.store.recover({ shard, limit: 100 });
      expect(rest.ids.length).toBeGreaterThan(limit);
      expect(rest.nextInMs).toBeUndefined();
    },
  },
  {
    title:
      "[STORE-22] lets a task wait again whose lease has ended, in the same run, with its handle and one failure more",
    async verify(trial) {
      const { id, owner, ...scheduled } = await trial.run({ leaseMs: trial.stepMs });
      const handle = { runtime: "process", handle: [1] };
      await trial.store.attach(owner, handle);
      const living = await trial.run();
      await trial.advance(trial.stepMs);
      expect(await trial.sweep("recover")).toEqual([id]);
      expect(await trial.sweep("recover")).toEqual([]);
      expect(await trial.find(id)).toMatchObject({ state: "scheduled", attempt: 1, instance: "hello@host:1:aaaaaa" });
      expect(await trial.find(living.id)).toMatchObject({ state: "running" });
      const next = await trial.claim({ id, ...scheduled });
      expect(next.granted).toMatchObject({ attempt: 2, run: 1, failures: 1, handle });
      expect(await trial.ops(id)).toEqual(["add", "ack", "requeue", "ack"]);
    },
  },
  {
    title: "[STORE-22] ends a task as lost whose owners vanished as often as they may",
    async verify(trial) {
      const scheduled = await trial.schedule();
      for (const state of ["scheduled", "done"]) {
        await trial.claim(scheduled, { leaseMs: trial.stepMs, maxAttempts: 2 });
        await trial.advance(trial.stepMs);
        expect(await trial.sweep("recover")).toEqual([scheduled.id]);
        expect(await trial.find(scheduled.id)).toMatchObject({ state });
      }
      const { outcome, reason } = await trial.find(scheduled.id);
      expect([outcome, reason?.code]).toEqual(["aborted", "lost"]);
      expect(reason?.message).toMatch(/^[A-Z].*\.$/);
      expect((await trial.events(scheduled.id)).at(-1)).toMatchObject({ op: "abort", reason: { code: "lost" } });
    },
  },
  {
    title: "[STORE-22] ends a task that was to be aborted as requested when its owner has vanished",
    async verify(trial) {
      const { id } = await trial.run({ leaseMs: trial.stepMs });
      await trial.store.abort(id, { message: "Stop." });
      await trial.advance(trial.stepMs);
      expect(await trial.sweep("recover")).toEqual([id]);
      const reason = { code: "requested", message: "Stop." };
      expect(await trial.find(id)).toMatchObject({ state: "done", outcome: "aborted", reason });
      expect(await trial.ops(id)).toEqual(["add", "ack", "abort"]);
    },
  },
  {
    title: "[STORE-18] ends a task as timed out whose lease and timeout are both over",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const { id } = await trial.run({ leaseMs: trial.stepMs / 2 }, { task });
      const exhausted = await trial.run({ leaseMs: trial.stepMs / 2, maxAttempts: 1 }, { task });
      await trial.advance(trial.ampleMs);
      await trial.sweep("recover");
      expect(await trial.find(id)).toMatchObject({ state: "done", outcome: "timeout" });
      expect(await trial.find(exhausted.id)).toMatchObject({ state: "done", outcome: "timeout" });
    },
  },
];
