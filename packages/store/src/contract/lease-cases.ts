import { expect } from "vitest";
import type { LeaseKeeper, LeaseSignal } from "../lease-keeper.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Claimed, Trial } from "./trial.ts";

const instance = "hello@host:1:keeper";

/** What holds for what keeps leases alive, over the store that it comes from. */
export const leaseCases: readonly ContractCase[] = [
  {
    title: "[STORE-36] keeps a lease until it is removed",
    async verify(trial) {
      await using kept = keep(trial);
      const [first, second] = [await kept.run(), await kept.run()];
      await trial.advance(2 * kept.leaseMs);
      expect(await trial.sweep("recover")).toEqual([]);
      kept.keeper.remove(first.owner);
      await trial.advance(1.5 * kept.leaseMs);
      expect(await trial.sweep("recover")).toEqual([first.id]);
      expect(await trial.find(second.id)).toMatchObject({ state: "running", attempt: 1 });
      expect(kept.signals).toEqual([]);
    },
  },
  {
    title: "[STORE-36] tells the owner once that its task is to be aborted, and keeps the lease meanwhile",
    async verify(trial) {
      await using kept = keep(trial);
      const { id, owner } = await kept.run();
      await trial.store.abort(id, {});
      await trial.store.abort(id, {});
      await trial.advance(1.5 * kept.leaseMs);
      await trial.eventually(() => expect(kept.signals).toEqual([[id, "abort"]]));
      expect(await trial.sweep("recover")).toEqual([]);
      kept.keeper.remove(owner);
      expect(await trial.store.finish(owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
    },
  },
  {
    title: "[STORE-36] tells the owner that its task has timed out, or at least that it is gone",
    async verify(trial) {
      await using kept = keep(trial);
      // The timeout counts from here: what is slow at the start must not use it up.
      await kept.keeper.ready;
      const { id } = await kept.run({ timeout: trial.instant(kept.leaseMs) });
      await trial.advance(kept.leaseMs);
      await trial.sweep("expire");
      await trial.advance(kept.leaseMs / 2);
      // Which of them depends on whether the hint or the heartbeat comes first.
      await trial.eventually(() => expect(["timeout", "gone"]).toContain(kept.signals[0]?.[1]));
      expect(kept.signals).toHaveLength(1);
      expect(kept.signals[0]?.[0]).toBe(id);
    },
  },
  {
    title: "[STORE-36] tells the owner that another one has its task",
    async verify(trial) {
      await using kept = keep(trial);
      const { owner, ...scheduled } = await kept.run();
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      await trial.claim(scheduled, { instance: "hello@other:1:keeper" });
      await trial.advance(kept.leaseMs / 2);
      await trial.eventually(() => expect(kept.signals).toEqual([[scheduled.id, "stale"]]));
    },
  },
  {
    title: "[STORE-55] tells the owner that his task is lost, and keeps the lease of one who restores it",
    async verify(trial) {
      await using kept = keep(trial);
      const task = await kept.run();
      await trial.wipe();
      await trial.advance(kept.leaseMs / 5);
      await trial.eventually(() => expect(kept.signals[0]).toEqual([task.id, "lost"]));
      const sentAtMs = trial.monotonicMs();
      expect(await trial.store.restore(trial.copyOf(task))).toMatchObject({ answer: "ok" });
      kept.keeper.renewed(task.owner, sentAtMs);
      await trial.advance(2 * kept.leaseMs);
      expect(await trial.sweep("recover")).toEqual([]);
      expect(new Set(kept.signals.map(([, signal]) => signal))).toEqual(new Set(["lost"]));
      expect(await trial.store.finish(task.owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
    },
  },
  {
    title: "[STORE-55] is ready to renew before long",
    async verify(trial) {
      await using kept = keep(trial);
      expect(await kept.keeper.ready).toBeUndefined();
    },
  },
];

interface Kept extends AsyncDisposable {
  readonly keeper: LeaseKeeper;
  readonly leaseMs: number;
  readonly signals: readonly (readonly [string, LeaseSignal])[];
  /** A task that runs and whose lease is kept. */
  run(task?: { readonly timeout: string }): Promise<Claimed>;
}

function keep(trial: Trial): Kept {
  // Renewed every sixth of it, and lost after five of them without: a busy machine may hold up a renewal for four.
  const leaseMs = 1.5 * trial.ampleMs;
  const signals: [string, LeaseSignal][] = [];
  const onSignal = ({ id }: { readonly id: string }, signal: LeaseSignal): void => void signals.push([id, signal]);
  const keeper = trial.store.keepLeases({ instance, leaseMs, onSignal });
  return {
    keeper,
    leaseMs,
    signals,
    async run(task = { timeout: trial.instant(trial.longMs) }) {
      // These leases may be shorter than a connection takes.
      await keeper.ready;
      const scheduled = await trial.schedule({ task });
      const claimedAtMs = trial.monotonicMs();
      const claimed = await trial.claim(scheduled, { leaseMs, instance });
      keeper.add(claimed.owner, claimedAtMs);
      return claimed;
    },
    [Symbol.asyncDispose]: () => keeper.close(),
  };
}
