import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** A letter comes again after so long at least. */
const repeatPauseMs = 1_000;
/** Long enough for a letter to come a second time. */
const repeatPatienceMs = 4_000;

/** What holds for dead letters. */
export const deadLetterCases: readonly ContractCase[] = [
  {
    title: "[QUEUE-18] hands out what was dropped, whole, and says where and why it died",
    async verify(trial) {
      const taker = await trial.takeDead({ slots: 1, onWork: (work) => work.end() });
      const [message] = await trial.bury(1);
      await trial.until(() => expect(taker.works).toHaveLength(1));
      const { letter } = taker.work(0);
      expect(letter).toMatchObject({ queue: trial.name, reason: "rejected", id: message?.id, token: message?.token });
      expect(letter.message).toStrictEqual(message);
    },
  },
  {
    title: "[QUEUE-18] keeps for a later consumer what was dropped, and what could be handled is no dead letter",
    async verify(trial) {
      await trial.fill(2);
      const taker = await trial.take({
        slots: 1,
        onWork: (work) => (work.delivery.redelivered ? work.end() : work.fail()),
      });
      await trial.until(() => expect(taker.works).toHaveLength(4));
      await taker.consumer.close();
      const buried = await trial.bury(3);
      const dead = await trial.takeDead({ slots: 1, onWork: (work) => work.end() });
      await trial.until(() => expect(dead.ids).toHaveLength(3));
      expect([...dead.ids].sort()).toEqual(buried.map(({ id }) => id).sort());
    },
  },
  {
    title: "[QUEUE-19] never hands out again a letter that was handled",
    async verify(trial) {
      const first = await trial.takeDead({ slots: 2, onWork: (work) => work.end() });
      const handled = await trial.bury(4);
      await trial.until(() => expect(first.works).toHaveLength(handled.length));
      await trial.until(() => expect(first.running).toBe(0));
      await first.consumer.close();
      const [last] = await trial.bury(1);
      const second = await trial.takeDead({ slots: 2, onWork: (work) => work.end() });
      await trial.until(() => expect(second.ids).toContain(last?.id));
      expect(second.ids).toEqual([last?.id]);
      expect(first.works).toHaveLength(handled.length);
    },
  },
  {
    title: "[QUEUE-20] hands out again, after a pause, a letter whose handling failed, and the others go on meanwhile",
    async verify(trial) {
      const taker = await trial.takeDead({ slots: 2 });
      const [message] = await trial.bury(1);
      await trial.until(() => expect(taker.works).toHaveLength(1));
      taker.work(0).fail();
      const failedAtMs = performance.now();
      const [other] = await trial.bury(1);
      await trial.until(() => expect(taker.ids).toContain(other?.id));
      taker.work(taker.ids.indexOf(other?.id ?? "")).end();
      await trial.until(() => expect(taker.works).toHaveLength(3), repeatPatienceMs);
      expect(taker.ids[2]).toBe(message?.id);
      expect(taker.work(2).startedAtMs - failedAtMs).toBeGreaterThan(repeatPauseMs - 10);
      taker.work(2).fail();
      await trial.until(() => expect(taker.works).toHaveLength(4), repeatPatienceMs);
      expect(taker.work(3).letter).toStrictEqual(taker.work(0).letter);
      taker.work(3).end();
    },
  },
  {
    title: "[QUEUE-21] handles as many letters at once as there are slots, and never more",
    async verify(trial) {
      const taker = await trial.takeDead({ slots: 2 });
      const buried = await trial.bury(6);
      await trial.until(() => expect(taker.running).toBe(2));
      for (let ended = 0; ended < buried.length; ended++) {
        await trial.until(() => expect(taker.works).toHaveLength(Math.min(ended + 2, buried.length)));
        taker.work(ended).end();
      }
      await trial.until(() => expect(taker.running).toBe(0));
      expect(taker.mostRunning).toBe(2);
    },
  },
  {
    title: "[QUEUE-22] hands out no letter after a cancel; the one that is being handled counts",
    async verify(trial) {
      const cancelled = await trial.takeDead({ slots: 2 });
      const [handled] = await trial.bury(1);
      await trial.until(() => expect(cancelled.ids).toEqual([handled?.id]));
      await cancelled.consumer.cancel();
      await cancelled.consumer.cancel();
      expect(cancelled.consumer.isSubscribed).toBe(false);
      const [next] = await trial.bury(1);
      const other = await trial.takeDead({ slots: 1, onWork: (work) => work.end() });
      await trial.until(() => expect(other.ids).toEqual([next?.id]));
      cancelled.work(0).end();
      await trial.until(() => expect(cancelled.running).toBe(0));
      await cancelled.consumer.close();
      const [last] = await trial.bury(1);
      await trial.until(() => expect(other.ids).toContain(last?.id));
      expect(other.ids).toEqual([next?.id, last?.id]);
      expect(cancelled.works).toHaveLength(1);
    },
  },
  {
    title: "[QUEUE-22] gives to another consumer what one that closes has not handled, and hands it nothing more",
    async verify(trial) {
      const closed = await trial.takeDead({ slots: 2 });
      const buried = await trial.bury(2);
      await trial.until(() => expect(closed.works).toHaveLength(2));
      closed.work(0).fail();
      await closed.consumer.close();
      await closed.consumer.close();
      closed.work(1).fail();
      const other = await trial.takeDead({ slots: 2, onWork: (work) => work.end() });
      await trial.until(() => expect(other.works).toHaveLength(2));
      expect([...other.ids].sort()).toEqual(buried.map(({ id }) => id).sort());
      const again = performance.now() + repeatPauseMs + 100;
      await trial.until(() => expect(performance.now()).toBeGreaterThan(again), repeatPatienceMs);
      expect(closed.works).toHaveLength(2);
    },
  },
];
