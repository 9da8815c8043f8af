import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Owner } from "../owner.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Trial } from "./trial.ts";

/** What holds for what the owner of a task says, and for those who are not its owner. */
export const ownerCases: readonly ContractCase[] = [
  {
    title: "[STORE-10] renews a lease with each heartbeat, from the heartbeat on",
    async verify(trial) {
      const { owner } = await trial.run({ leaseMs: trial.ampleMs });
      for (let beat = 0; beat < 3; beat++) {
        await trial.advance(trial.ampleMs / 2);
        expect(await trial.store.heartbeat([owner])).toMatchObject([{ answer: "ok" }]);
        expect(await trial.sweep("recover")).toEqual([]);
      }
      await trial.advance(trial.ampleMs);
      expect(await trial.sweep("recover")).toEqual([owner.id]);
    },
  },
  {
    title: "[STORE-10] tells the owner with the heartbeat how long the task has, and that it is to stop",
    async verify(trial) {
      const { id, owner } = await trial.run();
      const answers = await trial.store.heartbeat([owner]);
      const remainingMs = answers[0] !== undefined && "remainingMs" in answers[0] ? answers[0].remainingMs : undefined;
      expect(remainingMs).toBeLessThanOrEqual(trial.longMs);
      expect(remainingMs).toBeGreaterThan(trial.longMs - 60_000);
      await trial.store.abort(id, {});
      const toStop = [{ answer: "stop", remainingMs: expect.any(Number) as number }];
      expect(await trial.store.heartbeat([owner])).toEqual(toStop);
      expect(await trial.store.heartbeat([owner])).toEqual(toStop);
    },
  },
  {
    title: "[STORE-10] answers the heartbeats of many tasks in their order",
    async verify(trial) {
      const running = await Promise.all(Array.from({ length: 8 }, () => trial.run()));
      const owners = running.map(({ owner }) => owner);
      const [, aborted, done, taken] = owners as [Owner, Owner, Owner, Owner];
      await trial.store.abort(aborted.id, {});
      await trial.store.abort(done.id, {});
      await trial.store.finish(done, { outcome: "complete" });
      owners[3] = { ...taken, token: randomUUID() };
      const answers = (await trial.store.heartbeat(owners)).map(({ answer }) => answer);
      expect(answers).toEqual(["ok", "stop", "gone", "stale", "ok", "ok", "ok", "ok"]);
      expect(await trial.store.heartbeat([])).toEqual([]);
    },
  },
  {
    title: "[STORE-10] renews a lease that has ended, as long as nobody has taken the task",
    async verify(trial) {
      const { id, owner } = await trial.run({ leaseMs: trial.stepMs });
      await trial.advance(trial.stepMs);
      expect(await trial.store.heartbeat([owner])).toMatchObject([{ answer: "ok" }]);
      expect(await trial.find(id)).toMatchObject({ state: "running", attempt: 1 });
    },
  },
  {
    title: "[STORE-11] shows the progress that was reported last, and tells it",
    async verify(trial) {
      const { id, owner } = await trial.run();
      expect(await trial.store.progress(owner, '{"step":1,"list":[]}')).toBe("ok");
      expect((await trial.find(id)).progress).toEqual({ step: 1, list: [] });
      expect(await trial.store.progress(owner, "null")).toBe("ok");
      expect(await trial.find(id)).toHaveProperty("progress", null);
      expect(await trial.events(id)).toMatchObject([
        { op: "add" },
        { op: "ack" },
        { op: "progress", attempt: 1, instance: "hello@host:1:aaaaaa" },
        { op: "progress" },
      ]);
      await trial.store.finish(owner, { outcome: "complete" });
      expect(await trial.find(id)).toHaveProperty("progress", null);
    },
  },
  {
    title: "[STORE-11] keeps the handle that was attached last",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      expect(await trial.store.attach(owner, { runtime: "docker", handle: { n: 1 } })).toBe("ok");
      expect(await trial.store.attach(owner, { runtime: "docker", scope: "h", handle: [null, { m: [] }] })).toBe("ok");
      await trial.store.release(owner, { cause: "hand_over", delayMs: 0 });
      const next = await trial.claim(scheduled);
      expect(next.granted.handle).toEqual({ runtime: "docker", scope: "h", handle: [null, { m: [] }] });
    },
  },
  {
    title: "[STORE-12] answers stale to an earlier attempt, and changes nothing",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run({ leaseMs: trial.stepMs });
      await trial.advance(trial.stepMs);
      await trial.claim(scheduled);
      await verifyRefused(trial, owner, "stale");
    },
  },
  {
    title: "[STORE-12] answers stale to a former attempt also when it shows the token of the present one",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const next = await trial.claim(scheduled);
      await verifyRefused(trial, { ...next.owner, attempt: 1 }, "stale");
    },
  },
  {
    title: "[STORE-12] answers stale to the right attempt with another token, and changes nothing",
    async verify(trial) {
      const { owner } = await trial.run();
      await verifyRefused(trial, { ...owner, token: randomUUID() }, "stale");
      await trial.store.abort(owner.id, {});
      await verifyRefused(trial, { ...owner, token: randomUUID() }, "stale");
    },
  },
  {
    title: "[STORE-12] answers stale to an owner who has lost the task, while it waits",
    async verify(trial) {
      const { owner } = await trial.run({ leaseMs: trial.stepMs });
      await trial.advance(trial.stepMs);
      await trial.sweep("recover");
      await verifyRefused(trial, owner, "stale");
    },
  },
  {
    title: "[STORE-12] answers stale to an owner who has given the task up, except when he gives it up again",
    async verify(trial) {
      const { owner } = await trial.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const before = await trial.find(owner.id);
      expect(await trial.store.heartbeat([owner])).toEqual([{ answer: "stale" }]);
      expect(await trial.store.attach(owner, { runtime: "x", handle: 1 })).toBe("stale");
      expect(await trial.store.progress(owner, "1")).toBe("stale");
      expect(await trial.store.finish(owner, { outcome: "complete" })).toEqual({ answer: "stale" });
      expect(await trial.find(owner.id)).toEqual(before);
    },
  },
  {
    title: "[STORE-13] answers gone to the last owner of a task that has ended otherwise",
    async verify(trial) {
      const { owner } = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.advance(trial.ampleMs);
      await trial.sweep("expire");
      await verifyRefused(trial, owner, "gone");

      const lost = await trial.run({ leaseMs: trial.stepMs });
      await trial.advance(trial.stepMs);
      await trial.sweep("recover");
      await trial.store.abort(lost.id, {});
      await verifyRefused(trial, lost.owner, "gone");
    },
  },
  {
    title: "[STORE-13] answers stale to an earlier owner of a task that has ended",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const next = await trial.claim(scheduled);
      await trial.store.finish(next.owner, { outcome: "complete" });
      await verifyRefused(trial, owner, "stale");
    },
  },
];

/** That nothing which this owner says is taken, and that each answer says why. */
async function verifyRefused(trial: Trial, owner: Owner, answer: "stale" | "gone"): Promise<void> {
  const before = [await trial.find(owner.id), await trial.events(owner.id)];
  expect(await trial.store.heartbeat([owner])).toEqual([{ answer }]);
  expect(await trial.store.attach(owner, { runtime: "x", handle: 1 })).toBe(answer);
  expect(await trial.store.progress(owner, "1")).toBe(answer);
  expect(await trial.store.release(owner, { cause: "give_back", delayMs: 0 })).toEqual({ answer });
  expect(await trial.store.finish(owner, { outcome: "complete" })).toEqual({ answer });
  expect([await trial.find(owner.id), await trial.events(owner.id)]).toEqual(before);
}
