import { expect } from "vitest";
import { QueueError } from "../queue-error.ts";
import type { ContractCase } from "./contract-case.ts";

/** What holds for the end of consumers and of a queue. */
export const endCases: readonly ContractCase[] = [
  {
    title: "[QUEUE-14] delivers nothing more after a cancel; what runs goes on and counts",
    async verify(trial) {
      const [running] = await trial.fill(1);
      const taker = await trial.take({ slots: 3 });
      await trial.until(() => expect(taker.ids).toEqual([running]));
      await taker.consumer.cancel();
      await taker.consumer.cancel();
      expect(taker.consumer.isSubscribed).toBe(false);
      const [next] = await trial.publish(1);
      expect(await trial.rest()).toEqual([next]);
      taker.work(0).end();
      await trial.until(() => expect(taker.running).toBe(0));
      await taker.consumer.close();
      expect(await trial.rest()).toEqual([]);
      expect(taker.ids).toEqual([running]);
    },
  },
  {
    title: "[QUEUE-11] [QUEUE-14] gives back what is rejected after a cancel, to others",
    async verify(trial) {
      const [id] = await trial.fill(1);
      const taker = await trial.take({ slots: 1 });
      await trial.until(() => expect(taker.ids).toEqual([id]));
      await taker.consumer.cancel();
      taker.work(0).fail();
      const other = await trial.drain();
      await trial.until(() => expect(other.ids).toEqual([id]));
      expect(taker.works).toHaveLength(1);
    },
  },
  {
    title: "[QUEUE-15] gives back what is not owned when a consumer closes, and nothing else",
    async verify(trial) {
      const ids = await trial.fill(4);
      const taker = await trial.take({ slots: 4 });
      await trial.until(() => expect(taker.works).toHaveLength(4));
      const at = (index: number) => taker.work(taker.ids.indexOf(ids[index] ?? ""));
      at(0).end();
      await trial.until(() => expect(taker.running).toBe(3));
      at(1).delivery.owned();
      at(1).delivery.owned();
      at(2).delivery.drop();
      await taker.consumer.close();
      await taker.consumer.close();
      expect(taker.consumer.isSubscribed).toBe(false);
      const other = await trial.drain();
      await trial.until(() => expect(other.ids).toEqual([ids[3]]));
      expect(other.work(0).delivery.redelivered).toBe(true);
      for (const index of [1, 2]) at(index).end();
      at(3).fail();
      await trial.until(() => expect(taker.running).toBe(0));
      await other.consumer.close();
      expect(await trial.rest()).toEqual([]);
      expect(taker.works).toHaveLength(4);
    },
  },
  {
    title: "[QUEUE-16] can publish while it is open, and nothing when it is closed",
    async verify(trial) {
      await trial.queue.open();
      expect(trial.queue.canPublish).toBe(true);
      const taker = await trial.drain();
      const dead = await trial.takeDead({ slots: 1 });
      await Promise.all([trial.queue.close(), trial.queue.close()]);
      await trial.queue.close();
      expect(taker.consumer.isSubscribed).toBe(false);
      expect(dead.consumer.isSubscribed).toBe(false);
      expect(trial.queue.canPublish).toBe(false);
      expect(await trial.queue.publish(trial.announcement())).toBe("unknown");
      const isClosed = expect.objectContaining({ code: "closed" }) as QueueError;
      const options = { slots: 1, holdMs: 1, onDelivery: async () => undefined };
      await expect(trial.queue.consume(trial.name, options)).rejects.toEqual(isClosed);
      const deadOptions = { slots: 1, onDeadLetter: async () => undefined };
      await expect(trial.queue.consumeDead(deadOptions)).rejects.toEqual(isClosed);
      await expect(trial.queue.open()).rejects.toEqual(isClosed);
      await expect(trial.queue.open()).rejects.toSatisfy((error) => QueueError.is(error));
    },
  },
];
