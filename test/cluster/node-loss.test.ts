import { randomUUID } from "node:crypto";
import { type RabbitCluster, startRabbitCluster, startRedisCluster } from "@mayfly/test-services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/system.ts";
import { Deployment, slots } from "./deployment.ts";

/** How many tasks run before, without and after the node. */
const share = 200;

describe("under load, on a Redis Cluster and a RabbitMQ cluster,", () => {
  let rabbit: RabbitCluster;

  beforeAll(async () => {
    rabbit = await startRabbitCluster();
  });

  afterAll(() => rabbit.close());

  /** A virtual host of its own: its name and its addresses. */
  async function aVhost(): Promise<{ readonly vhost: string; readonly amqpUrl: string }> {
    const vhost = `loss-${randomUUID().slice(0, 8)}`;
    return { vhost, amqpUrl: (await rabbit.createVhost(vhost)).join(",") };
  }

  it("[CLUSTER-1] a RabbitMQ node is killed and comes back: each task runs and ends once, and nobody waits for it", async () => {
    await using redis = await startRedisCluster();
    const { vhost, amqpUrl } = await aVhost();
    await using deployment = await Deployment.start({ redisUrl: redis.url, amqpUrl });
    const { load } = deployment;
    await load.more(share);
    const leader = (await rabbit.leaderOf(vhost, "hello")) ?? Number.NaN;
    await rabbit.control(leader).settle();
    await rabbit.kill(leader);
    await load.more(share);
    await deployment.ready();
    await rabbit.restart(leader);
    await until(async () => (await rabbit.running(leader)) === 3, "the cluster is whole");
    await load.more(share);
    expect(await deployment.end()).toBe(0);
  });

  it("[CLUSTER-2] a Redis primary is killed and its replica takes over: each task ends once", async () => {
    await using redis = await startRedisCluster({ replicas: true });
    const { amqpUrl } = await aVhost();
    // A claim that the replica had not heard of leaves its task waiting for an announcement.
    const env = { MAYFLY_REANNOUNCE_MS: "5000" };
    await using deployment = await Deployment.start({ redisUrl: redis.url, amqpUrl }, env);
    const { load } = deployment;
    await load.more(share);
    const killed = await redis.killPrimary(0);
    expect((await redis.primary(0)).port).not.toBe(killed.port);
    await load.more(share);
    await deployment.ready();
    await redis.restart(0);
    await load.more(share);
    // What was under way may run again, if the replica had not heard of its end.
    expect(await deployment.end()).toBeLessThanOrEqual(slots);
  });

  it("[CLUSTER-3] a Redis primary is killed and restarted from its append-only file: each task runs and ends once", async () => {
    // Otherwise the file may lack what was answered in the last second, and what was done in it runs again.
    await using redis = await startRedisCluster({ extraArgs: ["--appendfsync", "always"] });
    const { amqpUrl } = await aVhost();
    await using deployment = await Deployment.start({ redisUrl: redis.url, amqpUrl });
    const { load } = deployment;
    await load.more(share);
    await redis.killPrimary(1);
    await redis.restart(1);
    await load.more(share);
    expect(await deployment.end()).toBe(0);
  });
});
