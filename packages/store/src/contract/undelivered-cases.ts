import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { UndeliveredRequest } from "../sweep.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Scheduled } from "./trial.ts";

const message = "No scheduler could read it:\nsyntax error.";
const undeliverable = { code: "undeliverable", message };

/** What holds for tasks whose messages no scheduler could take. */
export const undeliveredCases: readonly ContractCase[] = [
  {
    title: "[STORE-51] lets the task wait for its delay, with one failure more, and announces it anew",
    async verify(trial) {
      const { id, announcement, ...scheduled } = await trial.announce();
      const request = requestFor({ id, announcement, ...scheduled }, { delayMs: trial.ampleMs });
      expect(await trial.store.undelivered(request)).toEqual({ answer: "released" });
      expect(await trial.find(id)).toEqual(scheduled.view);
      expect(await trial.stalled(0)).toEqual([]);
      expect(await trial.due()).toEqual([]);
      const early = await trial.tryClaim({ id, announcement, ...scheduled });
      expect(early).toEqual({ answer: "early", dueInMs: expect.any(Number) as number });
      expect(await trial.nextDueInMs()).toBeLessThanOrEqual(trial.ampleMs);
      await trial.advance(trial.ampleMs);
      const [next, ...others] = await trial.due();
      expect(others).toEqual([]);
      expect(next).toEqual({ ...announcement, token: next?.token });
      expect(next?.token).not.toBe(announcement.token);
      const { granted } = await trial.claim({ id, announcement, ...scheduled });
      expect(granted).toMatchObject({ attempt: 1, run: 1, failures: 1 });
      expect(await trial.ops(id)).toEqual(["add", "requeue", "ack"]);
    },
  },
  {
    title: "[STORE-51] ends a task as undeliverable whose failures are used up",
    async verify(trial) {
      const twice = await trial.announce();
      expect(await trial.store.undelivered(requestFor(twice, { maxFailures: 2 }))).toEqual({ answer: "released" });
      const [second] = await trial.due();
      const ended = await trial.store.undelivered(requestFor(twice, { token: second?.token ?? "", maxFailures: 2 }));
      const once = await trial.schedule();
      const atOnce = await trial.store.undelivered(requestFor(once, { maxFailures: 1 }));
      const vanished = await trial.run({ leaseMs: trial.stepMs });
      await trial.advance(trial.stepMs);
      await trial.sweep("recover");
      const [third] = await trial.due();
      const token = third?.token ?? "";
      const last = await trial.store.undelivered(requestFor(vanished, { token, maxFailures: 2 }));
      for (const [{ id }, answer] of [[twice, ended] as const, [once, atOnce] as const, [vanished, last] as const]) {
        const view = await trial.find(id);
        expect(view).toMatchObject({ state: "done", outcome: "aborted", reason: undeliverable });
        expect(answer).toEqual({ answer: "ended", view });
      }
      expect(await trial.events(once.id)).toMatchObject([{ op: "add" }, { op: "abort", reason: undeliverable }]);
      expect(await trial.ops(twice.id)).toEqual(["add", "requeue", "abort"]);
      expect(await trial.store.undelivered(requestFor(once, { maxFailures: 1 }))).toEqual({ answer: "gone" });
      expect(await trial.nextDueInMs()).toBeUndefined();
      expect(await trial.store.count("hello")).toEqual({ scheduled: 0, running: 0 });
    },
  },
  {
    title: "[STORE-51] ends a task as timed out when its timeout has come",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const scheduled = await trial.announce({ task });
      await trial.advance(trial.ampleMs);
      const answer = await trial.store.undelivered(requestFor(scheduled, { maxFailures: 1 }));
      expect(answer).toMatchObject({ answer: "ended", view: { state: "done", outcome: "timeout" } });
      expect(await trial.ops(scheduled.id)).toEqual(["add", "timeout"]);
    },
  },
  {
    title: "[STORE-52] changes nothing when the task is owned, or has been announced anew since",
    async verify(trial) {
      const [waiting, running, aborting] = [await trial.announce(), await trial.announce(), await trial.announce()];
      await trial.claim(running);
      await trial.claim(aborting);
      await trial.store.abort(aborting.id, {});
      const requests = [requestFor(waiting, { token: randomUUID() }), requestFor(running), requestFor(aborting)];
      for (const request of requests) {
        const before = [await trial.find(request.id), await trial.events(request.id)];
        expect(await trial.store.undelivered({ ...request, maxFailures: 1 })).toEqual({ answer: "stale" });
        expect([await trial.find(request.id), await trial.events(request.id)]).toEqual(before);
      }
      expect((await trial.stalled(0)).map(({ id }) => id)).toEqual([waiting.id]);
    },
  },
  {
    title: "[STORE-52] counts the repeat of a call as no further failure",
    async verify(trial) {
      const scheduled = await trial.announce();
      expect(await trial.store.undelivered(requestFor(scheduled))).toEqual({ answer: "released" });
      expect(await trial.store.undelivered(requestFor(scheduled))).toEqual({ answer: "stale" });
      expect((await trial.claim(scheduled)).granted).toMatchObject({ failures: 1 });
      expect(await trial.ops(scheduled.id)).toEqual(["add", "requeue", "ack"]);
    },
  },
  {
    title: "[STORE-52] answers gone when the task is done or was never scheduled, and lost when it may be lost",
    async verify(trial) {
      const [done, other, lost] = [await trial.announce(), await trial.announce(), await trial.announce()];
      await trial.store.abort(done.id, {});
      expect(await trial.store.undelivered(requestFor(done))).toEqual({ answer: "gone" });
      const never = requestFor(other, { id: randomUUID() });
      expect(await trial.store.undelivered(never)).toEqual({ answer: "gone" });

      await trial.wipe();
      expect(await trial.store.undelivered(requestFor(lost))).toEqual({ answer: "lost" });
      expect(await trial.store.undelivered(requestFor(lost, { scheduledAt: undefined }))).toEqual({ answer: "gone" });
      expect(await trial.store.find(lost.id)).toBeUndefined();
      expect(await trial.events()).toEqual([]);
      const { owner } = await trial.claim(other, { recreate: { retentionMs: trial.longMs } });
      expect(await trial.store.undelivered(requestFor(other))).toEqual({ answer: "stale" });
      await trial.store.finish(owner, { outcome: "complete" });
      expect(await trial.store.undelivered(requestFor(other))).toEqual({ answer: "gone" });
    },
  },
  {
    title: "[STORE-52] is a change by somebody else for an owner who has given the task up",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      const giveBack = { cause: "give_back", delayMs: 0 } as const;
      await trial.store.release(owner, giveBack);
      const [next] = await trial.due();
      await trial.store.undelivered(requestFor(scheduled, { token: next?.token ?? "" }));
      expect(await trial.store.release(owner, giveBack)).toEqual({ answer: "stale" });
    },
  },
];

function requestFor(scheduled: Scheduled, overrides: Partial<UndeliveredRequest> = {}): UndeliveredRequest {
  const { id, token, scheduledAt } = scheduled.announcement;
  return { id, token, scheduledAt, delayMs: 0, maxFailures: 5, message, ...overrides };
}
