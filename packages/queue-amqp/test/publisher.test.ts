import { silentLogger } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { type PublishAnswer, Publisher } from "../src/publisher.ts";
import { ScriptedModel } from "./scripted-model.ts";
import { anAnnouncement } from "./test-queue.ts";

/** A publisher on a scripted connection, and what it answered by the message's id. */
async function aPublisher() {
  const clock = new ManualClock();
  const script = new ScriptedModel();
  const publisher = new Publisher({
    exchange: "mayfly.tasks",
    clock,
    logger: silentLogger,
    window: 256,
    confirmTimeoutMs: 30_000,
  });
  await publisher.attach(script.model);
  const answers = new Map<string, PublishAnswer>();
  const publish = (id: string): void => {
    void publisher.publish(anAnnouncement("hello", { id })).then((answer) => answers.set(id, answer));
  };
  return { clock, script, publisher, answers, publish };
}

it("[AMQP-39] takes a new channel when the broker refuses messages, and waits for what the old one owes", async () => {
  const { clock, script, answers, publish } = await aPublisher();
  await clock.advance(2_000);
  publish("refused");
  publish("slow");
  const [old] = script.channels;
  old?.answer("refused", "nack");
  old?.answer("refused", "nack");
  await clock.advance(0);
  expect(answers.get("refused")).toBe("unknown");
  expect(script.channels).toHaveLength(2);
  publish("later");
  const [, fresh] = script.channels;
  fresh?.answer("later", "ack");
  await clock.advance(0);
  expect(answers.get("later")).toBe("confirmed");
  expect(old?.isClosed).toBe(false);
  old?.answer("slow", "ack");
  await clock.advance(0);
  expect(answers.get("slow")).toBe("confirmed");
  expect(old?.isClosed).toBe(true);
  expect(script.isClosed).toBe(false);
});

it("[AMQP-39] takes a new channel at most every two seconds, however often the broker refuses", async () => {
  const { clock, script, publish } = await aPublisher();
  for (let round = 0; round < 100; round++) {
    const id = String(round);
    publish(id);
    await clock.advance(0);
    script.channels.at(-1)?.answer(id, "nack");
    await clock.advance(100);
  }
  expect(script.channels).toHaveLength(5);
  expect(script.channels.filter((channel) => !channel.isClosed)).toHaveLength(1);
});

it("[AMQP-39] makes a new connection when its channel is lost", async () => {
  const { script, publisher, answers, publish, clock } = await aPublisher();
  publish("in flight");
  script.channels[0]?.lose();
  await clock.advance(0);
  expect(answers.get("in flight")).toBe("unknown");
  expect(publisher.canPublish).toBe(false);
  expect(script.isClosed).toBe(true);
});
