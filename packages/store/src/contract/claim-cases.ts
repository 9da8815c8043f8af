import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds for who may run a task. */
export const claimCases: readonly ContractCase[] = [
  {
    title: "[STORE-6] grants a task that is due, and shows who runs it",
    async verify(trial) {
      const { id, task, granted, view } = await trial.run({ instance: "hello@a:1:abcdef" });
      expect(granted).toEqual({
        answer: "granted",
        attempt: 1,
        run: 1,
        failures: 0,
        remainingMs: granted.remainingMs,
        retentionMs: trial.longMs,
      });
      expect(granted.remainingMs).toBeLessThanOrEqual(trial.longMs);
      expect(granted.remainingMs).toBeGreaterThan(trial.longMs - 60_000);
      const running = await trial.find(id);
      expect(running).toStrictEqual({
        ...task,
        state: "running",
        attempt: 1,
        instance: "hello@a:1:abcdef",
        scheduledAt: view.scheduledAt,
        startedAt: running.startedAt,
      });
      expect(Date.parse(running.startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(view.scheduledAt));
      expect(await trial.events(id)).toMatchObject([
        { op: "add" },
        { op: "ack", attempt: 1, instance: running.instance },
      ]);
    },
  },
  {
    title: "[STORE-6] gives the repeat of a claim the same answer, and does nothing twice",
    async verify(trial) {
      const { id, claim, granted } = await trial.run();
      const again = await trial.store.claim(claim);
      expect(again).toEqual({ ...granted, remainingMs: expect.any(Number) as number });
      expect(await trial.ops(id)).toEqual(["add", "ack"]);
    },
  },
  {
    title: "[STORE-6] begins the lease of a repeated claim at the repeat",
    async verify(trial) {
      const { claim } = await trial.run({ leaseMs: 2 * trial.ampleMs });
      await trial.advance(1.5 * trial.ampleMs);
      expect(await trial.store.claim(claim)).toMatchObject({ answer: "granted", attempt: 1 });
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("recover")).toEqual([]);
    },
  },
  {
    title: "[STORE-6] holds a task for its owner while the lease lives, against every other token",
    async verify(trial) {
      const running = await trial.run();
      const before = await trial.find(running.id);
      const { instance } = running.claim;
      expect(await trial.tryClaim(running, { instance })).toEqual({ answer: "held" });
      expect(await trial.tryClaim(running, { instance: "hello@b:2:bbbbbb" })).toEqual({ answer: "held" });
      await trial.store.abort(running.id, {});
      expect(await trial.tryClaim(running)).toEqual({ answer: "held" });
      expect(await trial.find(running.id)).toEqual({ ...before, state: "aborting" });
    },
  },
  {
    title: "[STORE-6] grants a task to exactly one of many who claim it at once",
    async verify(trial) {
      const scheduled = await trial.schedule();
      const answers = await Promise.all(Array.from({ length: 20 }, () => trial.tryClaim(scheduled)));
      const expected = ["granted", ...Array.from({ length: 19 }, () => "held")];
      expect(answers.map(({ answer }) => answer).sort()).toEqual(expected);
      expect(await trial.ops(scheduled.id)).toEqual(["add", "ack"]);
    },
  },
  {
    title: "[STORE-7] counts attempts up with each claim, whatever came in between",
    async verify(trial) {
      const scheduled = await trial.schedule();
      const first = await trial.claim(scheduled);
      await trial.store.release(first.owner, { cause: "give_back", delayMs: 0 });
      const second = await trial.claim(scheduled);
      await trial.store.release(second.owner, { cause: "hand_over", delayMs: 0 });
      const third = await trial.claim(scheduled, { leaseMs: trial.stepMs });
      await trial.advance(trial.stepMs);
      await trial.sweep("recover");
      const fourth = await trial.claim(scheduled);
      expect([first, second, third, fourth].map(({ granted }) => granted.attempt)).toEqual([1, 2, 3, 4]);
      expect(await trial.find(scheduled.id)).toMatchObject({ attempt: 4 });
    },
  },
  {
    title: "[STORE-8] answers early while a task is not due",
    async verify(trial) {
      const scheduled = await trial.schedule({ notBefore: trial.now() + trial.longMs / 2 });
      expect(scheduled.dueInMs).toBeGreaterThan(trial.longMs / 2 - 60_000);
      const answer = await trial.tryClaim(scheduled);
      if (answer.answer !== "early") expect.fail(`claim answered ${answer.answer}`);
      expect(answer.dueInMs).toBeLessThanOrEqual(trial.longMs / 2 + 1_000);
      expect(answer.dueInMs).toBeGreaterThan(trial.longMs / 2 - 60_000);
      expect(await trial.find(scheduled.id)).toEqual(scheduled.view);
    },
  },
  {
    title: "[STORE-8] grants a task once it is due",
    async verify(trial) {
      const scheduled = await trial.schedule({ notBefore: trial.now() + trial.stepMs });
      await trial.advance(trial.stepMs + 10);
      expect((await trial.claim(scheduled)).granted.attempt).toBe(1);
    },
  },
  {
    title: "[STORE-8] takes a notBefore that has passed for now",
    async verify(trial) {
      const scheduled = await trial.schedule({ notBefore: trial.now() - trial.longMs });
      expect(scheduled.dueInMs).toBe(0);
      expect((await trial.claim(scheduled)).granted.attempt).toBe(1);
    },
  },
  {
    title: "[STORE-8] answers gone when a task is done, or was never scheduled",
    async verify(trial) {
      const running = await trial.run();
      await trial.store.finish(running.owner, { outcome: "complete" });
      expect(await trial.store.claim(running.claim)).toEqual({ answer: "gone" });
      expect(await trial.tryClaim(running)).toEqual({ answer: "gone" });
      expect(await trial.ops(running.id)).toEqual(["add", "ack", "complete"]);

      const other = await trial.schedule();
      const id = randomUUID();
      const never = { ...other, id, announcement: { ...other.announcement, id } };
      expect(await trial.tryClaim(never)).toEqual({ answer: "gone" });
      expect(await trial.store.find(id)).toBeUndefined();
      expect(await trial.ops(id)).toEqual([]);
    },
  },
  {
    title: "[STORE-8] answers expired when the timeout has come, and ends the task",
    async verify(trial) {
      const scheduled = await trial.schedule({ task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.advance(trial.ampleMs);
      expect(await trial.tryClaim(scheduled)).toEqual({ answer: "expired" });
      expect(await trial.find(scheduled.id)).toMatchObject({ state: "done", outcome: "timeout" });
      expect(await trial.ops(scheduled.id)).toEqual(["add", "timeout"]);
      expect(await trial.tryClaim(scheduled)).toEqual({ answer: "gone" });
    },
  },
  {
    title:
      "[STORE-9] recovers a task whose lease has ended for the one who claims it, with the handle and in the same run",
    async verify(trial) {
      const first = await trial.run({ leaseMs: trial.stepMs });
      const handle = { runtime: "docker", scope: "host-1", handle: { name: "x", list: [] } };
      await trial.store.attach(first.owner, handle);
      await trial.advance(trial.stepMs);
      const second = await trial.claim(first, { instance: "hello@b:2:bbbbbb" });
      expect(second.granted).toMatchObject({ attempt: 2, run: 1, failures: 0, handle });
      expect(await trial.find(first.id)).toMatchObject({ state: "running", attempt: 2, instance: "hello@b:2:bbbbbb" });
      expect(await trial.ops(first.id)).toEqual(["add", "ack", "requeue", "ack"]);
      expect(await trial.store.finish(first.owner, { outcome: "complete" })).toEqual({ answer: "stale" });
    },
  },
  {
    title: "[STORE-9] answers exhausted when the lost lease was the last that a task may lose, and ends it as lost",
    async verify(trial) {
      const first = await trial.run({ leaseMs: trial.stepMs, maxAttempts: 1 });
      await trial.advance(trial.stepMs);
      expect(await trial.tryClaim(first)).toEqual({ answer: "exhausted" });
      const done = await trial.find(first.id);
      expect(done).toMatchObject({ state: "done", outcome: "aborted", reason: { code: "lost" } });
      expect(done.reason?.message).toMatch(/^[A-Z].*\.$/);
      expect(await trial.ops(first.id)).toEqual(["add", "ack", "abort"]);
      expect(await trial.tryClaim(first)).toEqual({ answer: "gone" });
    },
  },
  {
    title: "[STORE-9] answers aborting when a task that was to be aborted has lost its owner, and ends it as requested",
    async verify(trial) {
      const first = await trial.run({ leaseMs: trial.stepMs });
      await trial.store.abort(first.id, { message: "No longer wanted." });
      await trial.advance(trial.stepMs);
      expect(await trial.tryClaim(first)).toEqual({ answer: "aborting" });
      const reason = { code: "requested", message: "No longer wanted." };
      expect(await trial.find(first.id)).toMatchObject({ state: "done", outcome: "aborted", reason });
      expect(await trial.ops(first.id)).toEqual(["add", "ack", "abort"]);
    },
  },
  {
    title: "[STORE-9] answers expired for a running task whose timeout has come, and ends it",
    async verify(trial) {
      const first = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.advance(trial.ampleMs);
      expect(await trial.tryClaim(first)).toEqual({ answer: "expired" });
      expect(await trial.find(first.id)).toMatchObject({ state: "done", outcome: "timeout" });
      expect(await trial.store.finish(first.owner, { outcome: "complete" })).toEqual({ answer: "gone" });
      expect(await trial.ops(first.id)).toEqual(["add", "ack", "timeout"]);
    },
  },
];
