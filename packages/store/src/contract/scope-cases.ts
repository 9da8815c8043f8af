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
];

/** A task whose owner has given it up while its work goes on. */
async function handedOver(trial: Trial, of: Parameters<Trial["store"]["attach"]>[1] = handle): Promise<Scheduled> {
  const task: Claimed = await trial.run();
  await trial.store.attach(task.owner, of);
  await trial.store.release(task.owner, { cause: "hand_over", delayMs: 0 });
  return task;
}
