import { silentLogger } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { DeadLetterConsumer } from "../src/dead-letter-consumer.ts";
import { topologyOf } from "../src/topology.ts";
import { type ScriptedChannel, ScriptedModel } from "./scripted-model.ts";

it("[QUEUE-22] hands a letter no more to a consumer that closes, however late the broker answers to that", async () => {
  const clock = new ManualClock();
  const script = new ScriptedModel();
  const ids: (string | undefined)[] = [];
  const consumer = new DeadLetterConsumer({
    slots: 2,
    topology: topologyOf("mayfly"),
    clock,
    logger: silentLogger,
    onDeadLetter: async ({ id }) => {
      ids.push(id);
      throw new Error("The handling fails.");
    },
    onClosed: () => undefined,
  });
  consumer.attach(script.model);
  await clock.advance(0);
  const channel = script.channels.find(({ onMessage }) => onMessage !== undefined) as ScriptedChannel;
  channel.deliver("mayfly.dead", "held", "a-tag");
  await clock.advance(0);
  expect(ids).toEqual(["held"]);

  channel.cancel = () => new Promise(() => undefined);
  const closing = consumer.close();
  channel.deliver("mayfly.dead", "late", "a-tag");
  await clock.advance(5_000);
  await closing;
  expect(ids).toEqual(["held"]);
  expect(channel.acknowledged).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});
