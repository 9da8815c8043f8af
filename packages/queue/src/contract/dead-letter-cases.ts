import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import type { DeadLetterWork } from "./dead-letter-taker.ts";

/** A letter comes again after so long at least. */
const repeatPauseMs = 1_000;
/** Long enough for a letter to come a second time. */
const repeatPatienceMs = 4_000;
/** How often a case tries to be faster than that pause. */
const mostRounds = 5;

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
      const handlings = (): readonly DeadLetterWork[] => taker.works.filter(({ letter }) => letter.id === message?.id);
      await trial.until(() => expect(taker.works).toHaveLength(1));
      // On a busy machine a letter may come again before another one is buried; then that is tried once more.
      for (let round = 1, isOtherFirst = false; !isOtherFirst; round++) {
        handlings().at(-1)?.fail();
        const failedAtMs = performance.now();
        const [other] = await trial.bury(1);
        await trial.until(() => expect(taker.ids).toContain(other?.id));
        const between = taker.work(taker.ids.indexOf(other?.id ?? ""));
        between.end();
        await trial.until(() => expect(handlings()).toHaveLength(round + 1), repeatPatienceMs);
        const again = handlings().at(-1);
        expect((again?.startedAtMs ?? 0) - failedAtMs).toBeGreaterThan(repeatPauseMs - 10);
        isOtherFirst = taker.works.indexOf(between) === taker.works.length - 2;
        if (round === mostRounds) expect(isOtherFirst).toBe(true);
      }
      const count = handlings().length;
      handlings().at(-1)?.fail();
      await trial.until(() => expect(handlings()).toHaveLength(count + 1), repeatPatienceMs);
      expect(handlings().at(-1)?.letter).toStrictEqual(taker.work(0).letter);
      taker.endAll();
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
