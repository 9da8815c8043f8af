import { expect } from "vitest";
import type { StopHint } from "../task-store.ts";
import type { ContractCase } from "./contract-case.ts";

/** What holds for hints, as long as no connection is lost. */
export const hintCases: readonly ContractCase[] = [
  {
    title: "[STORE-30] tells those who wait for the end of a task once, however it ends",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const [finished, expired] = [await trial.run(), await trial.schedule({ task })];
      const [aborted, living] = [await trial.schedule(), await trial.schedule()];
      const told: string[] = [];
      for (const { id } of [finished, expired, aborted, living, finished]) {
        await trial.store.watchDone(id, () => told.push(id));
      }
      await trial.store.finish(finished.owner, { outcome: "complete" });
      await trial.store.finish(finished.owner, { outcome: "complete" });
      await trial.store.abort(aborted.id, {});
      await trial.advance(trial.ampleMs);
      await trial.sweep("expire");
      const all = [finished, finished, expired, aborted].map(({ id }) => id).sort();
      await trial.eventually(() => expect([...told].sort()).toEqual(all));
    },
  },
  {
    title: "[STORE-30] tells nothing to those who have stopped waiting",
    async verify(trial) {
      const [first, second] = [await trial.schedule(), await trial.schedule()];
      const told: string[] = [];
      const subscription = await trial.store.watchDone(first.id, () => told.push("closed"));
      await trial.store.watchDone(first.id, () => told.push("first"));
      await trial.store.watchDone(second.id, () => told.push("second"));
      subscription.close();
      subscription.close();
      await trial.store.abort(first.id, {});
      await trial.store.abort(second.id, {});
      // What two shards tell may come in any order.
      await trial.eventually(() => expect([...told].sort()).toEqual(["first", "second"]));
    },
  },
  {
    title: "[STORE-31] tells an instance what it is to stop, and no other instance",
    async verify(trial) {
      const mine: StopHint[] = [];
      const others: StopHint[] = [];
      const watching = await trial.store.watchStops("mine", (stop) => mine.push(stop));
      await trial.store.watchStops("other", (stop) => others.push(stop));
      const task = { timeout: trial.instant(trial.ampleMs) };
      const aborted = await trial.run({ instance: "mine" });
      const expired = await trial.run({ instance: "mine" }, { task });
      const other = await trial.run({ instance: "other" });
      await trial.store.abort(aborted.id, {});
      await trial.advance(trial.ampleMs);
      await trial.sweep("expire");
      await trial.eventually(() =>
        expect(mine).toEqual([
          { stop: "abort", id: aborted.id, attempt: 1 },
          { stop: "timeout", id: expired.id, attempt: 1 },
        ]),
      );
      watching.close();
      await trial.store.abort((await trial.run({ instance: "mine" })).id, {});
      await trial.store.abort(other.id, {});
      await trial.eventually(() => expect(others).toEqual([{ stop: "abort", id: other.id, attempt: 1 }]));
      expect(mine).toHaveLength(2);
    },
  },
  {
    title: "[STORE-31] tells no instance to stop what it has ended or given up itself",
    async verify(trial) {
      const stops: StopHint[] = [];
      await trial.store.watchStops("mine", (stop) => stops.push(stop));
      const [finished, released] = [await trial.run({ instance: "mine" }), await trial.run({ instance: "mine" })];
      await trial.store.finish(finished.owner, { outcome: "complete" });
      await trial.store.release(released.owner, { cause: "give_back", delayMs: 0 });
      await trial.store.abort(released.id, {});
      const last = await trial.run({ instance: "mine" });
      await trial.store.abort(last.id, {});
      await trial.eventually(() => expect(stops).toEqual([{ stop: "abort", id: last.id, attempt: 1 }]));
    },
  },
];
