import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import type { Trial } from "./trial.ts";

/** What holds for tasks whose records the store has lost, and for those that only seem to be lost. */
export const lostCases: readonly ContractCase[] = [
  {
    title: "[STORE-41] answers lost to the claim of a task from before a wipe, and changes nothing",
    async verify(trial) {
      const scheduled = await trial.schedule();
      await trial.wipe();
      expect(await trial.tryClaim(scheduled)).toEqual({ answer: "lost" });
      expect(await trial.tryClaim(scheduled)).toEqual({ answer: "lost" });
      await verifyNothing(trial, scheduled.id);
    },
  },
  {
    title: "[STORE-41] answers gone, not lost, when the task was scheduled in no gap",
    async verify(trial) {
      const before = await trial.schedule();
      await trial.wipe();
      await trial.leaveGap();
      const { announcement, ...after } = await trial.schedule();
      const id = randomUUID();
      const never = { ...after, id, announcement: { ...announcement, id } };
      expect(await trial.tryClaim(never)).toEqual({ answer: "gone" });
      expect(await trial.tryClaim(never, { recreate: { retentionMs: trial.longMs } })).toEqual({ answer: "gone" });
      const owner = { id, attempt: 1, token: randomUUID(), scheduledAt: announcement.scheduledAt };
      expect(await trial.store.heartbeat([owner])).toEqual([{ answer: "gone" }]);
      expect(await trial.store.finish(owner, { outcome: "complete" })).toEqual({ answer: "gone" });
      await verifyNothing(trial, id);
      expect(await trial.tryClaim(before)).toEqual({ answer: "lost" });
    },
  },
  {
    title: "[STORE-44] answers lost to each step of the owner of a task from before a wipe, and changes nothing",
    async verify(trial) {
      const { id, owner } = await trial.run();
      await trial.wipe();
      expect(await trial.store.heartbeat([owner])).toEqual([{ answer: "lost" }]);
      expect(await trial.store.attach(owner, { runtime: "x", handle: 1 })).toBe("lost");
      expect(await trial.store.progress(owner, "1")).toBe("lost");
      expect(await trial.store.finish(owner, { outcome: "complete" })).toEqual({ answer: "lost" });
      for (const cause of ["give_back", "hand_over"] as const) {
        expect(await trial.store.release(owner, { cause, delayMs: 0 })).toEqual({ answer: "lost" });
      }
      const retry = { cause: "retry", delayMs: 0, reason: { code: "failed" } } as const;
      expect(await trial.store.release(owner, retry)).toEqual({ answer: "lost" });
      await verifyNothing(trial, id);
    },
  },
  {
    title: "[STORE-42] makes a lost task anew from its announcement when a claim asks for it",
    async verify(trial) {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const attributes = { list: [], big: 9_007_199_254_740_991, text: "Grüße\n" };
      const { id, announcement, ...scheduled } = await trial.schedule({ traceparent, task: { attributes } });
      await trial.wipe();
      const recreate = { retentionMs: trial.longMs / 2 };
      const { claim, granted, owner } = await trial.claim({ id, announcement, ...scheduled }, { recreate });
      expect(granted).toEqual({
        answer: "granted",
        attempt: 1,
        run: 1,
        failures: 0,
        remainingMs: granted.remainingMs,
        retentionMs: trial.longMs / 2,
      });
      expect(granted.remainingMs).toBeLessThanOrEqual(trial.longMs);
      expect(granted.remainingMs).toBeGreaterThan(trial.longMs - 60_000);
      const { scheduledAt } = scheduled.view;
      const running = { state: "running", attempt: 1, instance: claim.instance, scheduledAt };
      expect(await trial.find(id)).toMatchObject({ ...scheduled.task, ...running });
      expect(await trial.store.count("hello")).toEqual({ scheduled: 0, running: 1 });
      expect(await trial.events(id)).toMatchObject([{ op: "ack", attempt: 1, instance: claim.instance }]);

      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const [next] = await trial.due();
      expect(next).toEqual({ ...announcement, token: next?.token, attempt: 1 });
      expect(next?.token).not.toBe(announcement.token);
      const second = await trial.claim({ id, announcement, ...scheduled });
      expect(second.granted).toMatchObject({ attempt: 2, run: 2, failures: 0 });
      await trial.store.finish(second.owner, { outcome: "complete" });
      expect(await trial.ops(id)).toEqual(["ack", "requeue", "ack", "complete"]);
    },
  },
  {
    title: "[STORE-42] counts the attempts of a task that is made anew from those that its announcement tells",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const [announcement] = await trial.due();
      if (announcement === undefined) expect.fail("nothing is due");
      await trial.wipe();
      const recreate = { retentionMs: trial.longMs };
      const { granted } = await trial.claim({ ...scheduled, announcement }, { recreate });
      expect(granted).toMatchObject({ attempt: 2, run: 1, failures: 0 });
      expect((await trial.find(owner.id)).attempt).toBe(2);
    },
  },
  {
    title: "[STORE-42] makes a lost task anew for exactly one of many who claim it at once",
    async verify(trial) {
      const scheduled = await trial.schedule();
      await trial.wipe();
      const recreate = { retentionMs: trial.longMs };
      const requests = Array.from({ length: 8 }, () => trial.claimRequest(scheduled, { recreate }));
      const answers = await Promise.all(requests.map((request) => trial.store.claim(request)));
      expect(answers.map(({ answer }) => answer).sort()).toEqual(["granted", ...Array<string>(7).fill("held")]);
      const again = await Promise.all(requests.map((request) => trial.store.claim(request)));
      expect(again.map(({ answer }) => answer)).toEqual(answers.map(({ answer }) => answer));
      expect(await trial.ops(scheduled.id)).toEqual(["ack"]);
    },
  },
  {
    title: "[STORE-42] lets a task that was made anew lose its lease and time out like any other",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const [lease, timeout] = [await trial.schedule(), await trial.schedule({ task })];
      await trial.wipe();
      const recreate = { retentionMs: trial.longMs };
      await trial.claim(lease, { recreate, leaseMs: trial.stepMs, maxAttempts: 2 });
      await trial.claim(timeout, { recreate });
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("recover")).toEqual([lease.id]);
      expect(await trial.sweep("expire")).toEqual([timeout.id]);
      expect((await trial.claim(lease)).granted).toMatchObject({ attempt: 2, run: 1, failures: 1 });
      expect(await trial.find(timeout.id)).toMatchObject({ state: "done", outcome: "timeout" });
    },
  },
  {
    title: "[STORE-42] answers a claim that could make the task anew like any other when nothing is lost",
    async verify(trial) {
      const overrides = { recreate: { retentionMs: 1 } };
      const [running, done, later] = [
        await trial.run(),
        await trial.run(),
        await trial.schedule({ notBefore: trial.now() + trial.longMs / 2 }),
      ];
      await trial.store.finish(done.owner, { outcome: "complete" });
      expect(await trial.tryClaim(running, overrides)).toEqual({ answer: "held" });
      expect(await trial.tryClaim(done, overrides)).toEqual({ answer: "gone" });
      expect(await trial.tryClaim(later, overrides)).toMatchObject({ answer: "early" });
      await trial.store.release(running.owner, { cause: "give_back", delayMs: 0 });
      const granted = { answer: "granted", attempt: 2, run: 2, retentionMs: trial.longMs };
      expect(await trial.tryClaim(running, overrides)).toMatchObject(granted);
      expect(await trial.ops(done.id)).toEqual(["add", "ack", "complete"]);
    },
  },
  {
    title: "[STORE-43] ends a lost task whose timeout has come, once, at its claim",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const [plain, anew] = [await trial.schedule({ task }), await trial.schedule({ task })];
      const overrides = { recreate: { retentionMs: trial.longMs } };
      await trial.wipe();
      await trial.advance(trial.ampleMs);
      expect(await trial.tryClaim(plain)).toEqual({ answer: "expired" });
      expect(await trial.tryClaim(anew, overrides)).toEqual({ answer: "expired" });
      for (const { id, view, ...scheduled } of [plain, anew]) {
        const { attributes: _, ...summary } = view;
        const done = await trial.find(id);
        expect(done).toEqual({ ...summary, state: "done", outcome: "timeout", endedAt: done.endedAt });
        expect(await trial.tryClaim({ id, view, ...scheduled }, overrides)).toEqual({ answer: "gone" });
        expect(await trial.events(id)).toMatchObject([{ op: "timeout", outcome: "timeout", scheduler: "hello" }]);
      }
      expect(await trial.store.count("hello")).toEqual({ scheduled: 0, running: 0 });
    },
  },
  {
    title:
      "[STORE-47] remembers a task from before a wipe that is done until its timeout, however short it is to be kept",
    async verify(trial) {
      const task = { timeout: trial.instant(2 * trial.ampleMs) };
      const [claimed, aborted] = [await trial.schedule({ task }), await trial.schedule({ task })];
      const recreate = { retentionMs: 1 };
      await trial.wipe();
      const { owner } = await trial.claim(claimed, { recreate });
      await trial.store.finish(owner, { outcome: "complete" });
      const other = await trial.claim(aborted, { recreate });
      await trial.store.release(other.owner, { cause: "give_back", delayMs: 0 });
      await trial.store.abort(other.id, {});
      await trial.advance(trial.stepMs);
      for (const scheduled of [claimed, aborted]) {
        expect(await trial.tryClaim(scheduled, { recreate })).toEqual({ answer: "gone" });
        expect(await trial.find(scheduled.id)).toMatchObject({ state: "done" });
      }
      await trial.advance(2 * trial.ampleMs);
      expect(await trial.store.find(claimed.id)).toBeUndefined();
    },
  },
  {
    title: "[STORE-47] keeps what is done for its whole retention time when the timeout comes first",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const scheduled = await trial.schedule({ task });
      await trial.wipe();
      const { owner } = await trial.claim(scheduled, { recreate: { retentionMs: trial.longMs } });
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("expire")).toEqual([owner.id]);
      await trial.advance(2 * trial.stepMs);
      expect(await trial.find(owner.id)).toMatchObject({ state: "done", outcome: "timeout" });
    },
  },
  {
    title: "[STORE-41] accepts a lost task that is scheduled again; whoever had it before is stale",
    async verify(trial) {
      const { owner, request, ...before } = await trial.run();
      await trial.wipe();
      expect(await trial.store.schedule(request)).toMatchObject({ answer: "scheduled" });
      expect(await trial.store.heartbeat([owner])).toEqual([{ answer: "stale" }]);
      expect(await trial.store.finish(owner, { outcome: "complete" })).toEqual({ answer: "stale" });
      const next = await trial.claim({ request, ...before });
      expect(next.granted).toMatchObject({ attempt: 1, run: 1 });
      // The attempt is the same again: it is the token that tells them apart.
      expect(await trial.store.heartbeat([owner])).toEqual([{ answer: "stale" }]);
      expect(await trial.store.finish(owner, { outcome: "complete" })).toEqual({ answer: "stale" });
      expect(await trial.ops(owner.id)).toEqual(["add", "ack"]);
    },
  },
];

/** That nothing of the task is there, and that nothing has been told. */
async function verifyNothing(trial: Trial, id: string): Promise<void> {
  expect(await trial.store.find(id)).toBeUndefined();
  expect(await trial.ops(id)).toEqual([]);
  expect(await trial.store.abort(id, {})).toEqual({ answer: "unknown" });
}
