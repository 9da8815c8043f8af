import { AmqpQueue } from "@mayfly/queue-amqp";
import { describeQueueContract } from "@mayfly/queue/contract";
import { type RabbitCluster, startRabbitCluster } from "@mayfly/test-services";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { aName, anAnnouncement, anOpenQueue, take } from "../test-queue.ts";

const vhost = "cluster";
const patience = { timeout: 60_000, interval: 50 };
let cluster: RabbitCluster;
let url: string;

beforeAll(async () => {
  cluster = await startRabbitCluster();
  url = (await cluster.createVhost(vhost)).join(",");
});
afterAll(() => cluster.close());

describeQueueContract("AmqpQueue on a cluster", async () => {
  const queue = new AmqpQueue({ url });
  await queue.open();
  return { queue, patienceMs: 30_000, close: () => queue.close() };
});

/** Publishes without a pause until it is ended, and keeps the ids of what was confirmed. */
class Publishing {
  readonly confirmed: string[] = [];
  /** How many got another answer. */
  others = 0;
  readonly #queue: AmqpQueue;
  readonly #name: string;
  readonly #done: Promise<unknown>;
  #isEnded = false;

  constructor(queue: AmqpQueue, name: string) {
    this.#queue = queue;
    this.#name = name;
    this.#done = Promise.all(Array.from({ length: 20 }, () => this.#publish()));
  }

  /** Resolves when so many more than now have been confirmed. */
  async more(count: number): Promise<void> {
    const wanted = this.confirmed.length + count;
    await vi.waitFor(() => expect(this.confirmed.length).toBeGreaterThan(wanted), patience);
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#done;
  }

  async #publish(): Promise<void> {
    while (!this.#isEnded) {
      const message = anAnnouncement(this.#name);
      if ((await this.#queue.publish(message)) === "confirmed") this.confirmed.push(message.id);
      else this.others++;
      // A queue that cannot publish answers at once.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

it("[AMQP-38] delivers all that it confirmed, though nodes of the cluster are killed and come back meanwhile", async () => {
  const name = aName();
  const options = { slots: 20, holdMs: 60_000 };
  const publisher = await anOpenQueue({ url });
  const takings = await Promise.all(
    [await anOpenQueue({ url }), await anOpenQueue({ url })].map((queue) =>
      take(queue, name, { ...options, onWork: (work) => work.end() }),
    ),
  );
  const publishing = new Publishing(publisher, name);
  onTestFinished(() => publishing.end());
  await publishing.more(500);
  for (let asked = 0; asked < 2; asked++) {
    const killed = await cluster.leaderOf(vhost, name, asked);
    if (killed === undefined) throw new Error("The queue has no leader.");
    await cluster.control(killed).settle();
    await cluster.kill(killed);
    await publishing.more(500);
    await cluster.restart(killed);
    await vi.waitFor(async () => expect(await cluster.running(killed)).toBe(3), patience);
    await publishing.more(500);
  }
  await publishing.end();
  await vi.waitFor(() => {
    const taken = new Set(takings.flatMap((taking) => taking.ids()));
    expect(publishing.confirmed.filter((id) => !taken.has(id))).toEqual([]);
  }, patience);
  for (const { consumer } of takings) {
    await vi.waitFor(() => expect(consumer.isSubscribed).toBe(true), patience);
  }
  await vi.waitFor(async () => expect(await publisher.ready(name)).toBe(0), patience);
});
