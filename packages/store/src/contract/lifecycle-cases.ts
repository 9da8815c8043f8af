import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds for the store as a whole. */
export const lifecycleCases: readonly ContractCase[] = [
  {
    title: "[STORE-34] is open: it answers, knows its shards, and opens a second time without harm",
    async verify(trial) {
      await trial.store.open();
      await trial.store.ping();
      expect(trial.store.shards).toBeGreaterThanOrEqual(1);
    },
  },
  {
    title: "[STORE-34] refuses everything once it is closed, and closes twice without harm",
    async verify(trial) {
      const { store } = trial;
      const scheduled = await trial.schedule();
      await Promise.all([store.close(), store.close()]);
      const calls = [
        () => store.open(),
        () => store.ping(),
        () => store.schedule(scheduled.request),
        () => store.find(scheduled.id),
        () => store.abort(scheduled.id, {}),
        () => store.list({ limit: 1 }),
        () => store.due({ shard: 0, limit: 1, maxBytes: 1 }),
        () => store.instances("hello"),
        () => store.watchDone(scheduled.id, () => undefined),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ name: "StoreError", code: "closed" });
    },
  },
];
