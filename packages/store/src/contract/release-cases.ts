import { expect } from "vitest";
import type { ReleaseRequest } from "../owner.ts";
import type { ContractCase } from "./contract-case.ts";

const failed = { code: "failed", message: "It did not work." } as const;
const handle = { runtime: "docker", scope: "host-1", handle: { name: "x" } };

/** What holds when an owner gives a task up. */
export const releaseCases: readonly ContractCase[] = [
  {
    title: "[STORE-14] gives a task back for a new run, without its handle and without a failure",
    async verify(trial) {
      const { id, owner, ...scheduled } = await trial.run();
      await trial.store.attach(owner, handle);
      expect(await trial.store.release(owner, { cause: "give_back", delayMs: 0 })).toEqual({ answer: "released" });
      expect(await trial.find(id)).toMatchObject({ state: "scheduled", attempt: 1 });
      const { granted } = await trial.claim({ id, ...scheduled });
      expect(granted).toMatchObject({ attempt: 2, run: 2, failures: 0 });
      expect(granted.handle).toBeUndefined();
      expect(await trial.ops(id)).toEqual(["add", "ack", "requeue", "ack"]);
    },
  },
  {
    title: "[STORE-14] hands a task over in the same run, with its handle and without a failure",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.attach(owner, handle);
      expect(await trial.store.release(owner, { cause: "hand_over", delayMs: 0 })).toEqual({ answer: "released" });
      const { granted } = await trial.claim(scheduled);
      expect(granted).toMatchObject({ attempt: 2, run: 1, failures: 0, handle });
    },
  },
  {
    title: "[STORE-14] lets a task be tried again in a new run, without its handle and with one failure more",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.attach(owner, handle);
      const retry: ReleaseRequest = { cause: "retry", delayMs: 0, reason: failed };
      expect(await trial.store.release(owner, retry)).toEqual({ answer: "released" });
      expect((await trial.find(owner.id)).reason).toBeUndefined();
      const { granted } = await trial.claim(scheduled);
      expect(granted).toMatchObject({ attempt: 2, run: 2, failures: 1 });
      expect(granted.handle).toBeUndefined();
    },
  },
  {
    title: "[STORE-15] ends a task whose failures are used up, with the last of them as the reason",
    async verify(trial) {
      const scheduled = await trial.schedule();
      const first = await trial.claim(scheduled, { maxAttempts: 2 });
      const retry: ReleaseRequest = { cause: "retry", delayMs: 0, reason: { code: "runtime", message: "No image." } };
      expect(await trial.store.release(first.owner, retry)).toEqual({ answer: "released" });
      const second = await trial.claim(scheduled, { maxAttempts: 2 });
      const end = await trial.store.release(second.owner, { ...retry, reason: failed });
      const done = await trial.find(scheduled.id);
      expect(end).toEqual({ answer: "ended", view: done });
      expect(done).toMatchObject({ state: "done", outcome: "aborted", reason: failed, attempt: 2 });
      expect(await trial.ops(scheduled.id)).toEqual(["add", "ack", "requeue", "ack", "abort"]);
    },
  },
  {
    title: "[STORE-15] counts lost leases and failures together, but neither a give-back nor a hand-over",
    async verify(trial) {
      const scheduled = await trial.schedule();
      for (const cause of ["give_back", "hand_over", "give_back"] as const) {
        const { owner } = await trial.claim(scheduled, { maxAttempts: 2 });
        expect(await trial.store.release(owner, { cause, delayMs: 0 })).toEqual({ answer: "released" });
      }
      await trial.claim(scheduled, { maxAttempts: 2, leaseMs: trial.stepMs });
      await trial.advance(trial.stepMs);
      await trial.sweep("recover");
      const { owner, granted } = await trial.claim(scheduled, { maxAttempts: 2 });
      expect(granted).toMatchObject({ attempt: 5, failures: 1 });
      const end = await trial.store.release(owner, { cause: "retry", delayMs: 0, reason: failed });
      expect(end).toMatchObject({ answer: "ended", view: { outcome: "aborted", reason: failed } });
    },
  },
  {
    title: "[STORE-14] makes a released task due when its delay is over",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: trial.longMs / 2 });
      expect(await trial.tryClaim(scheduled)).toMatchObject({ answer: "early" });
      expect(await trial.due()).toEqual([]);

      const soon = await trial.run();
      await trial.store.release(soon.owner, { cause: "retry", delayMs: trial.stepMs, reason: failed });
      await trial.advance(trial.stepMs);
      expect((await trial.due()).map(({ id }) => id)).toEqual([soon.id]);
      expect((await trial.claim(soon)).granted.attempt).toBe(2);
    },
  },
  {
    title: "[STORE-14] releases a task also when its timeout comes before the delay is over; it then ends in time",
    async verify(trial) {
      const { id, owner } = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      const answer = await trial.store.release(owner, { cause: "give_back", delayMs: trial.longMs });
      expect(answer).toEqual({ answer: "released" });
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("expire")).toEqual([id]);
      expect(await trial.find(id)).toMatchObject({ state: "done", outcome: "timeout" });
    },
  },
  {
    title: "[STORE-16] gives the repeat of a release the same answer, and does nothing twice",
    async verify(trial) {
      const scheduled = await trial.schedule();
      const { owner } = await trial.claim(scheduled);
      const retry: ReleaseRequest = { cause: "retry", delayMs: 0, reason: failed };
      await trial.store.release(owner, retry);
      expect(await trial.store.release(owner, retry)).toEqual({ answer: "released" });
      expect(await trial.ops(scheduled.id)).toEqual(["add", "ack", "requeue"]);
      const next = await trial.claim(scheduled, { maxAttempts: 2 });
      expect(next.granted).toMatchObject({ failures: 1, run: 2 });
      expect(await trial.store.release(owner, retry)).toEqual({ answer: "stale" });

      const end = await trial.store.release(next.owner, retry);
      expect(end).toMatchObject({ answer: "ended", view: { reason: failed } });
      expect(await trial.store.release(next.owner, retry)).toEqual(end);
      expect(await trial.ops(scheduled.id)).toEqual(["add", "ack", "requeue", "ack", "abort"]);
    },
  },
  {
    title: "[STORE-17] ends a task that was to be aborted when its owner gives it up, whatever for",
    async verify(trial) {
      const causes: ReleaseRequest[] = [
        { cause: "give_back", delayMs: 0 },
        { cause: "hand_over", delayMs: 0 },
        { cause: "retry", delayMs: 0, reason: failed },
      ];
      for (const request of causes) {
        const { id, owner } = await trial.run();
        await trial.store.abort(id, { message: "Stop it." });
        const end = await trial.store.release(owner, request);
        const reason = { code: "requested", message: "Stop it." };
        expect(end).toMatchObject({ answer: "ended", view: { state: "done", outcome: "aborted", reason } });
        expect(await trial.store.release(owner, request)).toEqual(end);
        expect(await trial.ops(id)).toEqual(["add", "ack", "abort"]);
      }
    },
  },
  {
    title: "[STORE-18] ends a task as timed out when it is given up after its timeout",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const running = await trial.run({}, { task });
      const exhausted = await trial.run({ maxAttempts: 1 }, { task });
      await trial.advance(trial.ampleMs);
      const end = await trial.store.release(running.owner, { cause: "give_back", delayMs: 0 });
      expect(end).toMatchObject({ answer: "ended", view: { state: "done", outcome: "timeout" } });
      expect(await trial.store.release(exhausted.owner, { cause: "retry", delayMs: 0, reason: failed })).toMatchObject({
        answer: "ended",
        view: { outcome: "timeout" },
      });
      expect(await trial.ops(running.id)).toEqual(["add", "ack", "timeout"]);
    },
  },
];
