import type { Delivery } from "@mayfly/queue";
import { silentLogger } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { expect, it, onTestFinished } from "vitest";
import { AmqpConsumer } from "../src/amqp-consumer.ts";
import { topologyOf } from "../src/topology.ts";
import { type ScriptedChannel, ScriptedModel } from "./scripted-model.ts";

const name = "hello";

/** A consumer with two slots on a scripted connection; its deliveries go on until they are settled by `ends`. */
function aConsumer() {
  const clock = new ManualClock();
  const script = new ScriptedModel();
  const deliveries: Delivery[] = [];
  const ends: (() => void)[] = [];
  const consumer = new AmqpConsumer({
    name,
    slots: 2,
    holdMs: 60_000,
    topology: topologyOf("mayfly"),
    clock,
    logger: silentLogger,
    onDelivery: (delivery) => {
      deliveries.push(delivery);
      return new Promise((resolve) => ends.push(resolve));
    },
    onClosed: () => undefined,
  });
  onTestFinished(async () => {
    const closing = consumer.close();
    await clock.advance(5_000);
    await closing;
  });
  consumer.attach(script.model);
  return { clock, script, consumer, deliveries, ends };
}

const consuming = (channels: readonly ScriptedChannel[]): readonly ScriptedChannel[] =>
  channels.filter((channel) => !channel.isClosed && channel.onMessage !== undefined);

it.each([1, 2, 3, 4])("[AMQP-35] makes a channel again, once, that is lost at its %i. declaration", async (at) => {
  const { clock, script, consumer } = aConsumer();
  let declarations = 0;
  // Its answer still comes, so that nothing but the event tells of the loss.
  script.onDeclare = (channel) => {
    if (++declarations === at) channel.lose();
  };
  await clock.advance(20_000);
  expect(consumer.isSubscribed).toBe(true);
  expect(consuming(script.channels)).toHaveLength(1);
  expect(script.channels).toHaveLength(at <= 2 ? 2 : 1);
  expect(clock.pendingTimers).toBe(0);
});

it("[AMQP-35] makes a channel again that is lost while it is told how much to send", async () => {
  const { clock, script, consumer } = aConsumer();
  let losses = 0;
  script.onDeclare = (channel) => {
    channel.prefetch = async () => {
      if (losses++ < 2) channel.lose();
    };
  };
  await clock.advance(20_000);
  expect(consumer.isSubscribed).toBe(true);
  expect(consuming(script.channels)).toHaveLength(1);
  expect(script.channels).toHaveLength(3);
});

it("[AMQP-32] takes a delivery of nothing for a consumer that the broker has cancelled", async () => {
  const { clock, script, consumer, deliveries, ends } = aConsumer();
  await clock.advance(0);
  const [first] = script.channels;
  first?.deliver(name, "owned", `${name}-1`);
  first?.deliver(name, "ended", `${name}-1`);
  await clock.advance(0);
  deliveries[0]?.owned();
  first?.onMessage?.(null);
  expect(first?.isClosed).toBe(true);
  expect(consumer.isSubscribed).toBe(false);
  await clock.advance(20_000);
  // What it had not decided is the broker's again: nothing more is taken until that is over.
  expect(script.channels).toHaveLength(2);
  expect(consumer.isSubscribed).toBe(false);
  ends[1]?.();
  await clock.advance(20_000);
  expect(consumer.isSubscribed).toBe(true);
  const [second] = consuming(script.channels);
  expect(second?.prefetched).toBe(1);
  ends[0]?.();
  await clock.advance(20_000);
  expect(second?.prefetched).toBe(2);
  // The old deliveries mean nothing to the new channel.
  expect([first?.acknowledged, second?.acknowledged]).toEqual([[], []]);
});
