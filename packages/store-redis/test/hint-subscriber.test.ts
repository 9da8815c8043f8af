import { silentLogger } from "@mayfly/service";
import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { HintSubscriber } from "../src/hint-subscriber.ts";
import type { HintListener, RedisClient } from "../src/redis-client.ts";

/** A client whose server answers a subscription when told to. */
class FakeClient implements RedisClient {
  isReady = true;
  readonly subscriptions: {
    readonly channel: string;
    readonly listener: HintListener;
    settle: (error?: Error) => void;
  }[] = [];
  readonly unsubscribed: string[] = [];

  async connect(): Promise<void> {}
  destroy(): void {}
  on(): void {}
  eval(): Promise<never> {
    return Promise.reject(new Error("not for hints"));
  }
  evalSha(): Promise<never> {
    return this.eval();
  }
  subscribe(channel: string, listener: HintListener): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => (error === undefined ? resolve() : reject(error));
      this.subscriptions.push({ channel, listener, settle });
    });
  }
  async unsubscribe(channel: string): Promise<void> {
    this.unsubscribed.push(channel);
  }
}

function setUp(logger = silentLogger): { client: FakeClient; clock: ManualClock; hints: HintSubscriber } {
  const [client, clock] = [new FakeClient(), new ManualClock()];
  return { client, clock, hints: new HintSubscriber({ client, clock, logger, callTimeoutMs: 2_000 }) };
}

const unavailable = { name: "StoreError", code: "unavailable" };

it("[REDIS-13] tells what comes together with the subscription, once", async () => {
  const { client, hints } = setUp();
  const heard: string[] = [];
  const listening = hints.listen("a", (message, close) => {
    close();
    heard.push(message);
  });
  client.subscriptions[0]?.settle();
  client.subscriptions[0]?.listener("first");
  client.subscriptions[0]?.listener("second");
  await listening;
  expect(heard).toEqual(["first"]);
  expect(client.unsubscribed).toEqual(["a"]);
});

it("[REDIS-13] shares a channel's subscription among its listeners, until the last has closed", async () => {
  const { client, hints } = setUp();
  const heard: string[] = [];
  const both = Promise.all([
    hints.listen("a", (message) => heard.push(`1 ${message}`)),
    hints.listen("a", (message) => heard.push(`2 ${message}`)),
  ]);
  expect(client.subscriptions).toHaveLength(1);
  client.subscriptions[0]?.settle();
  const [first, second] = await both;
  client.subscriptions[0]?.listener("x");
  first.close();
  first.close();
  client.subscriptions[0]?.listener("y");
  expect(client.unsubscribed).toEqual([]);
  second.close();
  expect(client.unsubscribed).toEqual(["a"]);
  expect(heard).toEqual(["1 x", "2 x", "2 y"]);
});

it("[REDIS-13] keeps the failure of one listener from the others and from the client", async () => {
  const logger = new RecordingLogger();
  const { client, hints } = setUp(logger);
  const heard: string[] = [];
  const both = Promise.all([
    hints.listen("a", () => {
      throw new Error("no");
    }),
    hints.listen("a", (message) => heard.push(message)),
  ]);
  client.subscriptions[0]?.settle();
  await both;
  client.subscriptions[0]?.listener("x");
  expect(heard).toEqual(["x"]);
  expect(logger.entries).toMatchObject([{ level: "error", fields: { error: "no" } }]);
});

it("[REDIS-13] fails when the subscription does, or does not come in time, or there is no connection", async () => {
  const { client, clock, hints } = setUp();
  const refused = Promise.allSettled([hints.listen("a", () => undefined)]);
  client.subscriptions[0]?.settle(new Error("gone"));
  const late = Promise.allSettled([hints.listen("b", () => undefined)]);
  await clock.advance(2_000);
  client.isReady = false;
  const offline = Promise.allSettled([hints.listen("c", () => undefined)]);
  const outcomes = [...(await refused), ...(await late), ...(await offline)];
  expect(outcomes).toMatchObject(outcomes.map(() => ({ status: "rejected", reason: unavailable })));
  expect(client.subscriptions.map(({ channel }) => channel)).toEqual(["a", "b"]);
  expect(client.unsubscribed).toEqual(["a", "b"]);

  client.isReady = true;
  const again = hints.listen("a", () => undefined);
  client.subscriptions[2]?.settle();
  await again;
});
