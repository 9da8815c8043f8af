import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

/** What holds for queues as such. */
export const declareCases: readonly ContractCase[] = [
  {
    title: "[QUEUE-1] declares a queue, and again without harm to what waits in it",
    async verify(trial) {
      expect(await trial.queue.declare(trial.name)).toBe("declared");
      const ids = await trial.publish(2);
      expect(await trial.queue.declare(trial.name)).toBe("declared");
      expect(await trial.rest()).toEqual(ids);
    },
  },
  {
    title: "[QUEUE-2] counts what waits and nobody has been handed",
    async verify(trial) {
      await trial.fill(5);
      await trial.until(async () => expect(await trial.queue.ready(trial.name)).toBe(5));
      const taker = await trial.take({ slots: 2 });
      await trial.until(async () => expect(await trial.queue.ready(trial.name)).toBe(3));
      taker.endAll();
      await trial.until(async () => expect(await trial.queue.ready(trial.name)).toBe(0));
    },
  },
  {
    title: "[QUEUE-2] knows no number of a queue that nobody has declared, and declares none by asking",
    async verify(trial) {
      expect(await trial.queue.ready(trial.name)).toBeUndefined();
      expect(await trial.queue.publish(trial.announcement())).toBe("unroutable");
      expect(await trial.queue.ready(trial.name)).toBeUndefined();
    },
  },
  {
    title: "[QUEUE-3] removes a queue with all that waits in it, and one that does not exist",
    async verify(trial) {
      await trial.fill(3);
      await trial.queue.remove(trial.name);
      expect(await trial.queue.ready(trial.name)).toBeUndefined();
      expect(await trial.queue.publish(trial.announcement())).toBe("unroutable");
      await trial.queue.remove(trial.name);
      await trial.queue.declare(trial.name);
      expect(await trial.rest()).toEqual([]);
    },
  },
  {
    title: "[QUEUE-3] serves a consumer whose queue was removed as soon as there is one again",
    async verify(trial) {
      const taker = await trial.drain();
      await trial.queue.remove(trial.name);
      await trial.until(async () => {
        expect(await trial.queue.publish(trial.announcement({ attempt: 7 }))).toBe("confirmed");
      });
      await trial.until(() => expect(taker.works.map(({ delivery }) => delivery.message.attempt)).toEqual([7]));
    },
  },
];
