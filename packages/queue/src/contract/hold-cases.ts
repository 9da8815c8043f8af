import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import type { Work } from "./taker.ts";

/** Short enough to wait for; what is owned longer may be acknowledged. */
const holdMs = 200;

/** At once: what is not owned when that time is over goes back. */
const own = (work: Work): void => work.delivery.owned();

/** What holds for deliveries that are handled for long. */
export const holdCases: readonly ContractCase[] = [
  {
    title: "[QUEUE-13] leaves to the store what is owned, even when its handling fails",
    async verify(trial) {
      await trial.fill(1);
      const taker = await trial.take({ slots: 1 });
      await trial.until(() => expect(taker.works).toHaveLength(1));
      taker.work(0).delivery.owned();
      taker.work(0).fail();
      const [next] = await trial.publish(1);
      await trial.until(() => expect(taker.ids[1]).toBe(next));
      taker.endAll();
      await trial.until(() => expect(taker.running).toBe(0));
      await taker.consumer.close();
      expect(await trial.rest()).toEqual([]);
      expect(taker.works).toHaveLength(2);
    },
  },
  {
    title: "[QUEUE-13] goes on beside an owned delivery that is handled far longer than it may be held",
    async verify(trial) {
      const [long] = await trial.fill(1);
      const onWork = (work: Work): void => (work.id === long ? work.delivery.owned() : work.end());
      const taker = await trial.take({ slots: 2, holdMs, onWork });
      await trial.until(() => expect(taker.ids).toEqual([long]));
      const startedAt = performance.now();
      // Each round needs the free slot, before the acknowledgement of the long one and after it.
      for (let rounds = 1; performance.now() - startedAt < 3 * holdMs; rounds++) {
        const [next] = await trial.publish(1);
        await trial.until(() => expect(taker.ids[rounds]).toBe(next));
      }
      expect(taker.mostRunning).toBe(2);
      taker.work(0).end();
      await trial.until(() => expect(taker.running).toBe(0));
      await taker.consumer.close();
      expect(await trial.rest()).toEqual([]);
    },
  },
  {
    title: "[QUEUE-13] leaves to a second consumer what a first one has no slot for",
    async verify(trial) {
      const [long] = await trial.fill(1);
      const busy = await trial.take({ slots: 1, holdMs, onWork: own });
      await trial.until(() => expect(busy.ids).toEqual([long]));
      const free = await trial.drain();
      const startedAt = performance.now();
      const published: string[] = [];
      while (performance.now() - startedAt < 3 * holdMs) {
        published.push(...(await trial.publish(1)));
        await trial.until(() => expect(free.ids).toEqual(published));
      }
      expect(busy.works).toHaveLength(1);
    },
  },
  {
    title: "[QUEUE-13] takes as many as there are slots again when long ones have ended",
    async verify(trial) {
      const slots = 4;
      await trial.fill(slots);
      const taker = await trial.take({ slots, holdMs, onWork: own });
      await trial.until(() => expect(taker.running).toBe(slots));
      const other = await trial.take({ slots: 1 });
      // Only the acknowledgement of the long ones tells that they have been held for too long.
      const startedAt = performance.now();
      await trial.until(() => expect(performance.now() - startedAt).toBeGreaterThan(2 * holdMs));
      await other.consumer.close();
      for (const work of taker.works) work.end();
      await trial.publish(2 * slots);
      await trial.until(() => expect(taker.running).toBe(slots));
      expect(taker.mostRunning).toBe(slots);
    },
  },
];
