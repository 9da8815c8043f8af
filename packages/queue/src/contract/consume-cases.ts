import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds for handing out messages. */
export const consumeCases: readonly ContractCase[] = [
  {
    title: "[QUEUE-7] declares the queue that is consumed",
    async verify(trial) {
      const taker = await trial.drain();
      const ids = await trial.publish(1);
      await trial.until(() => expect(taker.ids).toEqual(ids));
    },
  },
  {
    title: "[QUEUE-8] hands each message to exactly one consumer, and lets consumers share 1,000",
    async verify(trial) {
      const takers = await Promise.all([trial.drain({ slots: 4 }), trial.drain({ slots: 4 })]);
      const ids = await trial.fill(1_000);
      const taken = (): readonly string[] => takers.flatMap((taker) => taker.ids);
      await trial.untilCome(taken, ids.length);
      for (const taker of takers) await taker.consumer.close();
      expect(await trial.rest()).toEqual([]);
      expect([...taken()].sort()).toEqual([...ids].sort());
      for (const taker of takers) expect(taker.works.length).toBeGreaterThan(100);
    },
  },
  {
    title: "[QUEUE-9] handles as many at once as there are slots, and never more",
    async verify(trial) {
      const ids = await trial.fill(50);
      const taker = await trial.take({ slots: 3 });
      await trial.until(() => expect(taker.running).toBe(3));
      for (let ended = 0; ended < ids.length; ended++) {
        await trial.until(() => expect(taker.works).toHaveLength(Math.min(ended + 3, ids.length)));
        taker.work(ended).end();
      }
      await trial.until(() => expect(taker.running).toBe(0));
      expect(taker.mostRunning).toBe(3);
      expect([...taker.ids].sort()).toEqual([...ids].sort());
    },
  },
  {
    title: "[QUEUE-10] never hands out again what was settled",
    async verify(trial) {
      const ids = await trial.fill(5);
      const taker = await trial.drain({ slots: 2 });
      await trial.until(() => expect(taker.works).toHaveLength(ids.length));
      await trial.until(() => expect(taker.running).toBe(0));
      await taker.consumer.close();
      expect(await trial.rest()).toEqual([]);
      expect(taker.works).toHaveLength(ids.length);
    },
  },
  {
    title: "[QUEUE-11] hands out again what was rejected, and says so; the others go on",
    async verify(trial) {
      const [first, second] = await trial.fill(2);
      const taker = await trial.take({ slots: 2 });
      await trial.until(() => expect(taker.works).toHaveLength(2));
      taker.work(taker.ids.indexOf(first ?? "")).fail();
      await trial.until(() => expect(taker.works).toHaveLength(3));
      expect(taker.ids.filter((id) => id === first)).toHaveLength(2);
      expect(taker.ids.filter((id) => id === second)).toHaveLength(1);
      expect(taker.works.map(({ delivery }) => delivery.redelivered)).toEqual([false, false, true]);
      taker.endAll();
      await trial.until(() => expect(taker.running).toBe(0));
      await taker.consumer.close();
      expect(await trial.rest()).toEqual([]);
    },
  },
  {
    title: "[QUEUE-12] forgets what was dropped, whatever becomes of its handling; the others go on",
    async verify(trial) {
      await trial.fill(3);
      const taker = await trial.take({ slots: 3 });
      await trial.until(() => expect(taker.works).toHaveLength(3));
      for (const index of [0, 1]) {
        taker.work(index).delivery.drop();
        taker.work(index).delivery.drop();
      }
      taker.work(0).end();
      taker.work(1).fail();
      taker.work(2).end();
      await trial.until(() => expect(taker.running).toBe(0));
      const more = await trial.publish(1);
      await trial.until(() => expect(taker.ids.slice(3)).toEqual(more));
      taker.endAll();
      await trial.until(() => expect(taker.running).toBe(0));
      await taker.consumer.close();
      expect(await trial.rest()).toEqual([]);
    },
  },
  {
    title: "[QUEUE-9] [QUEUE-12] keeps the slot of what was dropped until its handling ends",
    async verify(trial) {
      const [dropped, next] = await trial.fill(2);
      const taker = await trial.take({ slots: 1 });
      await trial.until(() => expect(taker.ids).toEqual([dropped]));
      taker.work(0).delivery.drop();
      const other = await trial.take({ slots: 1 });
      await trial.until(() => expect(other.ids).toEqual([next]));
      expect(taker.works).toHaveLength(1);
      taker.work(0).end();
      const more = await trial.publish(1);
      await trial.until(() => expect(taker.ids.slice(1)).toEqual(more));
    },
  },
];
