import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds when an owner ends a task. */
export const finishCases: readonly ContractCase[] = [
  {
    title: "[STORE-19] ends a task with its result, and leaves all of it but the attributes",
    async verify(trial) {
      const { id, task, owner, view } = await trial.run({}, { task: { attributes: { a: 1 } } });
      const { startedAt } = await trial.find(id);
      const result = { list: [], big: 12345678901234, text: "ü🦋", nothing: null };
      const end = await trial.store.finish(owner, { outcome: "complete", result });
      const done = await trial.find(id);
      expect(end).toEqual({ answer: "ended", view: done });
      expect(done).toStrictEqual({
        id,
        scheduler: "hello",
        timeout: task.timeout,
        state: "done",
        attempt: 1,
        scheduledAt: view.scheduledAt,
        startedAt,
        instance: "hello@host:1:aaaaaa",
        outcome: "complete",
        result,
        endedAt: done.endedAt,
      });
      expect(Date.parse(done.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(startedAt ?? ""));
      const last = (await trial.events(id)).at(-1);
      expect(last).toMatchObject({ op: "complete", outcome: "complete", attempt: 1, instance: "hello@host:1:aaaaaa" });
    },
  },
  {
    title: "[STORE-19] tells no result from a null one, and says that one was dropped",
    async verify(trial) {
      const [none, nothing, dropped] = [await trial.run(), await trial.run(), await trial.run()];
      await trial.store.finish(none.owner, { outcome: "complete" });
      await trial.store.finish(nothing.owner, { outcome: "complete", result: null });
      await trial.store.finish(dropped.owner, { outcome: "complete", resultDropped: true });
      expect(await trial.find(none.id)).not.toHaveProperty("result");
      expect(await trial.find(nothing.id)).toHaveProperty("result", null);
      expect(await trial.find(dropped.id)).toHaveProperty("resultDropped", true);
      expect(await trial.find(dropped.id)).not.toHaveProperty("result");
      expect(await trial.find(none.id)).not.toHaveProperty("resultDropped");
    },
  },
  {
    title: "[STORE-19] ends a task as aborted for the reason that its owner gives",
    async verify(trial) {
      for (const code of ["rejected", "failed", "runtime"] as const) {
        const { id, owner } = await trial.run();
        const reason = { code, message: 'It said "no"\nand \\stopped: ü.' };
        const end = await trial.store.finish(owner, { outcome: "aborted", reason });
        expect(end).toMatchObject({ answer: "ended", view: { state: "done", outcome: "aborted", reason } });
        expect((await trial.events(id)).at(-1)).toMatchObject({ op: "abort", outcome: "aborted", reason });
      }
    },
  },
  {
    title: "[STORE-19] leaves nothing of a done task but its tombstone",
    async verify(trial) {
      const { id, owner } = await trial.run(
        { leaseMs: trial.stepMs },
        { task: { timeout: trial.instant(trial.ampleMs) } },
      );
      await trial.store.finish(owner, { outcome: "complete" });
      await trial.advance(trial.ampleMs);
      expect(await trial.store.list({ limit: 10 })).toEqual({ tasks: [] });
      expect(await trial.store.count("hello")).toEqual({ scheduled: 0, running: 0 });
      expect(await trial.sweep("expire")).toEqual([]);
      expect(await trial.sweep("recover")).toEqual([]);
      expect(await trial.nextDueInMs()).toBeUndefined();
      expect(await trial.ops(id)).toEqual(["add", "ack", "complete"]);
    },
  },
  {
    title: "[STORE-16] gives the repeat of a finish the same answer, and does nothing twice",
    async verify(trial) {
      const { id, owner } = await trial.run();
      const end = await trial.store.finish(owner, { outcome: "complete", result: 1 });
      expect(await trial.store.finish(owner, { outcome: "complete", result: 1 })).toEqual(end);
      expect(await trial.ops(id)).toEqual(["add", "ack", "complete"]);
    },
  },
  {
    title: "[STORE-16] lets one of many who finish at once end the task, and tells all of them the same",
    async verify(trial) {
      const { id, owner } = await trial.run();
      const ends = [1, 2, 3, 4, 5].map((result) => trial.store.finish(owner, { outcome: "complete", result }));
      const [first, ...others] = await Promise.all(ends);
      for (const other of others) expect(other).toEqual(first);
      expect(await trial.ops(id)).toEqual(["add", "ack", "complete"]);
    },
  },
  {
    title: "[STORE-17] ends a task that was to be aborted as requested, however its work ended",
    async verify(trial) {
      const ends = [
        { outcome: "complete", result: 1 },
        { outcome: "aborted", reason: { code: "failed", message: "It failed." } },
      ] as const;
      for (const end of ends) {
        const { id, owner } = await trial.run();
        await trial.store.abort(id, { message: "Not needed." });
        const answer = await trial.store.finish(owner, end);
        const reason = { code: "requested", message: "Not needed." };
        expect(answer).toMatchObject({ answer: "ended", view: { state: "done", outcome: "aborted", reason } });
        expect(await trial.find(id)).not.toHaveProperty("result");
        expect(await trial.ops(id)).toEqual(["add", "ack", "abort"]);
        expect(await trial.store.finish(owner, end)).toEqual(answer);
      }
    },
  },
  {
    title: "[STORE-18] completes no task after its timeout",
    async verify(trial) {
      const { id, owner } = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.advance(trial.ampleMs);
      const end = await trial.store.finish(owner, { outcome: "complete", result: 1 });
      expect(end).toMatchObject({ answer: "ended", view: { state: "done", outcome: "timeout" } });
      expect(await trial.find(id)).not.toHaveProperty("result");
      expect(await trial.ops(id)).toEqual(["add", "ack", "timeout"]);
      expect(await trial.store.finish(owner, { outcome: "complete", result: 1 })).toEqual(end);
      expect(await trial.sweep("expire")).toEqual([]);
    },
  },
  {
    title: "[STORE-18] ends a task that was to be aborted as timed out once its timeout has come",
    async verify(trial) {
      const { id, owner } = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.store.abort(id, {});
      await trial.advance(trial.ampleMs);
      const end = await trial.store.finish(owner, { outcome: "aborted", reason: { code: "failed" } });
      expect(end).toMatchObject({ answer: "ended", view: { outcome: "timeout" } });
      expect(await trial.find(id)).not.toHaveProperty("reason");
    },
  },
];
