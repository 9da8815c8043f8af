import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds when somebody asks for the end of a task. */
export const abortCases: readonly ContractCase[] = [
  {
    title: "[STORE-20] ends a task that waits at once",
    async verify(trial) {
      const { id, ...scheduled } = await trial.schedule();
      const answer = await trial.store.abort(id, { message: "Never mind." });
      const done = await trial.find(id);
      expect(answer).toEqual({ answer: "ended", view: done });
      const reason = { code: "requested", message: "Never mind." };
      expect(done).toMatchObject({ state: "done", outcome: "aborted", reason });
      expect(done).not.toHaveProperty("attributes");
      expect((await trial.events(id)).at(-1)).toMatchObject({ op: "abort", outcome: "aborted", reason });
      expect(await trial.tryClaim({ id, ...scheduled })).toEqual({ answer: "gone" });
      expect(await trial.nextDueInMs()).toBeUndefined();
    },
  },
  {
    title: "[STORE-20] says a sentence where the one who asks says nothing",
    async verify(trial) {
      const { id } = await trial.schedule();
      await trial.store.abort(id, {});
      const { reason } = await trial.find(id);
      expect(reason?.code).toBe("requested");
      expect(reason?.message).toMatch(/^[A-Z].*\.$/);
    },
  },
  {
    title: "[STORE-20] leaves the end of a running task to its owner, and tells no end before",
    async verify(trial) {
      const { id, owner } = await trial.run();
      const before = await trial.find(id);
      const answer = await trial.store.abort(id, {});
      expect(answer).toEqual({ answer: "aborting", view: { ...before, state: "aborting" } });
      expect(await trial.find(id)).toEqual({ ...before, state: "aborting" });
      expect(await trial.ops(id)).toEqual(["add", "ack"]);
      expect(await trial.store.progress(owner, "1")).toBe("ok");
      expect(await trial.store.attach(owner, { runtime: "x", handle: 1 })).toBe("ok");
      expect(await trial.find(id)).toMatchObject({ state: "aborting" });
    },
  },
  {
    title: "[STORE-20] gives a second abort the same answer, and keeps the first message",
    async verify(trial) {
      const scheduled = await trial.schedule();
      const running = await trial.run();
      for (const { id } of [scheduled, running]) {
        const first = await trial.store.abort(id, { message: "First." });
        expect(await trial.store.abort(id, { message: "Second." })).toEqual(first);
      }
      await trial.store.finish(running.owner, { outcome: "complete" });
      for (const { id } of [scheduled, running]) {
        expect((await trial.find(id)).reason).toEqual({ code: "requested", message: "First." });
        expect((await trial.ops(id)).filter((op) => op === "abort")).toHaveLength(1);
      }
    },
  },
  {
    title: "[STORE-20] answers with how a done task ended, and does not know one that never was",
    async verify(trial) {
      const { id, owner } = await trial.run();
      await trial.store.finish(owner, { outcome: "complete", result: 1 });
      const done = await trial.find(id);
      expect(await trial.store.abort(id, {})).toEqual({ answer: "ended", view: done });
      expect(await trial.find(id)).toEqual(done);
      expect(await trial.ops(id)).toEqual(["add", "ack", "complete"]);
      expect(await trial.store.abort("00000000-0000-4000-8000-000000000000", {})).toEqual({ answer: "unknown" });
    },
  },
  {
    title: "[STORE-18] ends a task that waits as timed out when it is aborted after its timeout",
    async verify(trial) {
      const { id } = await trial.schedule({ task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.advance(trial.ampleMs);
      const answer = await trial.store.abort(id, {});
      expect(answer).toMatchObject({ answer: "ended", view: { outcome: "timeout" } });
      expect(await trial.ops(id)).toEqual(["add", "timeout"]);
    },
  },
];
