import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";

const megabyte = 1_048_576;

/** Texts that something on the way might change. */
const bodies: Readonly<Record<string, string>> = {
  "other scripts": '{"text":"žluťoučký kůň, 日本語, עברית"}',
  "emoji beyond 16 bits": '{"text":"🪰👩‍👩‍👧‍👦"}',
  "escapes and control characters": '{"text":"\\ud800 \\u0000 \\n \u007f"}',
  "composed and decomposed letters": '{"text":"\u00e9 e\u0301"}',
  "spaces that JSON does not need": ' { "text" : [ ] } \n',
  "a byte order mark": '\ufeff{"text":1}',
  "numbers that a double does not hold": '{"n":12345678901234567890.10}',
};

/** What holds for publishing. */
export const publishCases: readonly ContractCase[] = [
  {
    title: "[QUEUE-4] hands over a message with all that it was published with",
    async verify(trial) {
      await trial.queue.declare(trial.name);
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const traced = trial.announcement({ attempt: 3, scheduledAt: 1_790_000_000_123, traceparent });
      const plain = trial.announcement();
      for (const message of [traced, plain]) expect(await trial.queue.publish(message)).toBe("confirmed");
      const taker = await trial.drain();
      await trial.until(() => expect(taker.works).toHaveLength(2));
      expect(taker.works.map(({ delivery }) => delivery.message)).toStrictEqual([traced, plain]);
      expect(taker.works.map(({ delivery }) => delivery.redelivered)).toEqual([false, false]);
    },
  },
  ...Object.entries(bodies).map(([what, body]): ContractCase => bodyCase(`a body with ${what}`, body)),
  bodyCase("a body of a megabyte", JSON.stringify("é".repeat(megabyte / 2))),
  {
    title: "[QUEUE-5] says that there is no such queue, and nothing comes of the message",
    async verify(trial) {
      expect(await trial.queue.publish(trial.announcement())).toBe("unroutable");
      await trial.queue.declare(trial.name);
      expect(await trial.rest()).toEqual([]);
    },
  },
  {
    title: "[QUEUE-5] answers each of many publishes at once by its own queue",
    async verify(trial) {
      await trial.queue.declare(trial.name);
      const messages = Array.from({ length: 40 }, (_, index) =>
        trial.announcement(index % 2 === 0 ? {} : { scheduler: `${trial.name}-unknown` }),
      );
      const answers = await Promise.all(messages.map((message) => trial.queue.publish(message)));
      expect(answers).toEqual(messages.map((_, index) => (index % 2 === 0 ? "confirmed" : "unroutable")));
    },
  },
  {
    title: "[QUEUE-6] gives 1,000 messages to a consumer with one slot in the order of their publication",
    async verify(trial) {
      const ids = await trial.fill(1_000);
      const taker = await trial.drain();
      await trial.untilCome(() => taker.ids, ids.length);
      expect(taker.ids).toEqual(ids);
    },
  },
];

function bodyCase(what: string, body: string): ContractCase {
  return {
    title: `[QUEUE-4] changes no byte of ${what}`,
    async verify(trial) {
      await trial.queue.declare(trial.name);
      expect(await trial.queue.publish(trial.announcement({ body }))).toBe("confirmed");
      const taker = await trial.drain();
      await trial.until(() => expect(taker.works).toHaveLength(1));
      expect(Buffer.from(taker.work(0).delivery.message.body).equals(Buffer.from(body))).toBe(true);
    },
  };
}
