import type { JsonValue } from "@mayfly/task";
import { expect } from "vitest";
import type { ClaimRequest } from "../claim.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Claimed, Scheduled, Trial } from "./trial.ts";

const handle = { runtime: "docker", scope: "host-1", handle: { name: "x" } } as const;
const here = "docker:host-1";

/** What holds for work that only some instances reach. */
export const scopeCases: readonly ContractCase[] = [
  {
    title: "[STORE-70] leaves work alone that the claimer does not reach: the task is due again a little later",
    async verify(trial) {
      const task = await handedOver(trial);
      const { token } = task.announcement;
      const answer = await trial.tryClaim(task, { scopes: ["docker:host-2", "process:host-1"] });
      expect(answer).toEqual({ answer: "elsewhere", dueInMs: 5_000, scope: here });
      expect(await trial.find(task.id)).toMatchObject({ state: "scheduled", attempt: 1 });
      expect(await trial.ops(task.id)).toEqual(["add", "ack", "requeue"]);
      const early = await trial.tryClaim(task, { scopes: [here] });
      expect(early).toMatchObject({ answer: "early" });
      const dueInMs = await trial.nextDueInMs();
      expect(dueInMs).toBeLessThanOrEqual(5_000);
      expect(dueInMs).toBeGreaterThan(2_000);
      // A late confirm of the message that was claimed in vain does not count.
      await trial.store.announced(task.id, token);
      expect(await trial.nextDueInMs()).toBeGreaterThan(0);
    },
  },
  {
    title: "[STORE-70] gives work that the claimer does not reach to one who does, for no failure and in the same run",
    async verify(trial) {
      const task = await handedOver(trial);
      await trial.tryClaim(task, { scopes: [] });
      await trial.advance(5_000);
      const [announcement] = await trial.due();
      expect(announcement).toMatchObject({ id: task.id, attempt: 1 });
      const granted = await trial.claim(task, { scopes: ["docker:host-2", here] });
      expect(granted.granted).toMatchObject({ attempt: 2, run: 1, failures: 0, handle });
    },
  },
  {
    title: "[STORE-70] leaves work alone whose owner has vanished, when the claimer does not reach it",
    async verify(trial) {
      const task = await trial.run({ leaseMs: trial.stepMs });
      await trial.store.attach(task.owner, handle);
      await trial.advance(trial.stepMs);
      expect(await trial.tryClaim(task, { scopes: [] })).toMatchObject({ answer: "elsewhere", scope: here });
      expect(await trial.find(task.id)).toMatchObject({ state: "scheduled", attempt: 1 });
      expect(await trial.ops(task.id)).toEqual(["add", "ack", "requeue"]);
    },
  },
  {
    title: "[STORE-71] starts anew what was running in a scope that is abandoned, as the next run and for no failure",
    async verify(trial) {
      const task = await handedOver(trial);
      const { granted, owner } = await trial.claim(task, { scopes: [], abandonedScopes: ["docker:host-0", here] });
      expect(granted).toMatchObject({ attempt: 2, run: 2, failures: 0 });
      expect(granted).not.toHaveProperty("handle");
      await trial.store.release(owner, { cause: "hand_over", delayMs: 0 });
      const next = await trial.claim(task, { scopes: [] });
      expect(next.granted).toMatchObject({ attempt: 3, run: 2 });
    },
  },
  {
    title: "[STORE-71] takes a scope for abandoned only by its kind and its name, and not when the claimer reaches it",
    async verify(trial) {
      const task = await handedOver(trial);
      const claim: Partial<ClaimRequest> = { scopes: [here], abandonedScopes: [here] };
      const { granted, owner } = await trial.claim(task, claim);
      expect(granted).toMatchObject({ attempt: 2, run: 1, handle });
      await trial.store.release(owner, { cause: "hand_over", delayMs: 0 });
      const others = ["docker:host-11", "docker", "host-1", "process:host-1"];
      const answer = await trial.tryClaim(task, { scopes: others, abandonedScopes: others });
      expect(answer).toMatchObject({ answer: "elsewhere" });
    },
  },
  {
    title: "[STORE-72] grants work that has no scope to everyone, and all work to a claimer who names no scopes",
    async verify(trial) {
      const local = { runtime: "inline", handle: 1 };
      const task = await handedOver(trial, local);
      const first = await trial.claim(task, { scopes: [here] });
      expect(first.granted).toMatchObject({ run: 1, handle: local });
      const other = await trial.claim(await handedOver(trial), { abandonedScopes: [here] });
      expect(other.granted).toMatchObject({ run: 1, handle });
      await trial.claim(await trial.schedule(), { scopes: [] });
    },
  },
  {
    title: "[STORE-74] counts no failure when owners vanish whose work outlives them, however often",
    async verify(trial) {
      const claim = { leaseMs: trial.stepMs, maxAttempts: 1, scopes: [here] };
      const task = await started(trial, claim);
      for (const [attempt, isSwept] of [[2, true] as const, [3, false] as const]) {
        await trial.advance(trial.stepMs);
        if (isSwept) expect(await trial.sweep("recover")).toEqual([task.id]);
        const { granted } = await trial.claim(task, claim);
        expect(granted).toMatchObject({ attempt, run: 1, failures: 0, handle });
      }
      expect(await trial.ops(task.id)).toEqual(["add", "ack", "requeue", "ack", "requeue", "ack"]);
    },
  },
  {
    title: "[STORE-74] ends work that outlives its owner as requested or timed out when that has vanished",
    async verify(trial) {
      const claim = { leaseMs: trial.stepMs / 2 };
      const aborted = await started(trial, claim);
      const late = await started(trial, claim, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.store.abort(aborted.id, {});
      await trial.advance(trial.ampleMs);
      expect([...(await trial.sweep("recover"))].sort()).toEqual([aborted.id, late.id].sort());
      const reason = { code: "requested" };
      expect(await trial.find(aborted.id)).toMatchObject({ state: "done", outcome: "aborted", reason });
      expect(await trial.find(late.id)).toMatchObject({ state: "done", outcome: "timeout" });
    },
  },
  {
    title: "[STORE-74] counts lost leases again when the work has ended and starts anew",
    async verify(trial) {
      const claim = { leaseMs: trial.stepMs, maxAttempts: 2 };
      const task = await started(trial, { maxAttempts: 2 });
      await trial.store.release(task.owner, { cause: "give_back", delayMs: 0 });
      await trial.claim(task, claim);
      await trial.advance(trial.stepMs);
      const { granted } = await trial.claim(task, claim);
      expect(granted).toMatchObject({ attempt: 3, run: 2, failures: 1 });
      await trial.advance(trial.stepMs);
      expect(await trial.tryClaim(task)).toEqual({ answer: "exhausted" });
    },
  },
  {
    title: "[STORE-74] recovers the tasks of a shard of which one has a handle that is nested deep",
    async verify(trial) {
      let nested: JsonValue = [];
      for (let depth = 0; depth < 2_000; depth++) nested = [nested];
      const claim = { leaseMs: trial.stepMs };
      const tasks = await Promise.all(Array.from({ length: 8 }, () => trial.run(claim)));
      const deep = await trial.run(claim);
      expect(await trial.store.attach(deep.owner, { ...handle, handle: nested })).toBe("ok");
      await trial.advance(trial.stepMs);
      const ids = [...tasks, deep].map(({ id }) => id);
      expect([...(await trial.sweep("recover"))].sort()).toEqual(ids.sort());
    },
  },
  {
    title: "[STORE-75] counts one failure when the scope is abandoned of work whose owners have vanished",
    async verify(trial) {
      const claim = { leaseMs: trial.stepMs, maxAttempts: 3 };
      const task = await started(trial, claim);
      await trial.advance(trial.stepMs);
      await trial.claim(task, claim);
      await trial.advance(trial.stepMs);
      const { granted } = await trial.claim(task, { ...claim, scopes: [], abandonedScopes: [here] });
      expect(granted).toMatchObject({ attempt: 3, run: 2, failures: 1 });
      expect(granted).not.toHaveProperty("handle");
      await trial.advance(trial.stepMs);
      expect((await trial.claim(task)).granted).toMatchObject({ attempt: 4, run: 2, failures: 2 });
    },
  },
  {
    title: "[STORE-75] ends a task as lost whose failures are used up when the scope of its work is abandoned",
    async verify(trial) {
      const task = await started(trial, { leaseMs: trial.stepMs, maxAttempts: 1 });
      await trial.advance(trial.stepMs);
      expect(await trial.tryClaim(task, { scopes: [] })).toMatchObject({ answer: "elsewhere" });
      await trial.advance(5_000);
      const claim = { scopes: [], abandonedScopes: [here] };
      expect(await trial.tryClaim(task, claim)).toEqual({ answer: "exhausted" });
      const done = await trial.find(task.id);
      expect(done).toMatchObject({ state: "done", outcome: "aborted", reason: { code: "lost" }, attempt: 1 });
      expect(done.reason?.message).toMatch(/^[A-Z].*\.$/);
      expect(await trial.ops(task.id)).toEqual(["add", "ack", "requeue", "abort"]);
      expect(await trial.store.count("hello")).toEqual({ scheduled: 0, running: 0 });
      expect(await trial.nextDueInMs()).toBeUndefined();
      expect(await trial.tryClaim(task, claim)).toEqual({ answer: "gone" });
    },
  },
];

/** A task that runs, and whose work outlives its owner. */
async function started(
  trial: Trial,
  claim: Partial<ClaimRequest>,
  schedule?: Parameters<Trial["schedule"]>[0],
): Promise<Claimed> {
  const task = await trial.run(claim, schedule);
  await trial.store.attach(task.owner, handle);
  return task;
}

/** A task whose owner has given it up while its work goes on. */
async function handedOver(trial: Trial, of: Parameters<Trial["store"]["attach"]>[1] = handle): Promise<Scheduled> {
  const task: Claimed = await trial.run();
  await trial.store.attach(task.owner, of);
  await trial.store.release(task.owner, { cause: "hand_over", delayMs: 0 });
  return task;
}
