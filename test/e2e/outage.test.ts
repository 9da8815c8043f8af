import { startRabbit, startRedis } from "@mayfly/test-services";
import { describe, expect, it } from "vitest";
import { System, until } from "./system.ts";

describe("an outage", () => {
  it("[E2E-7] of RabbitMQ: scheduling goes on, and the tasks run when it is back, without restarting anything", async () => {
    await using rabbit = await startRabbit();
    await using redis = await startRedis();
    const amqpUrl = await rabbit.createVhost("outage");
    await using system = await System.start({ services: { redisUrl: redis.url, amqpUrl } });
    await system.startScheduler();
    await system.done(await system.scheduled("hello"));

    await rabbit.stop();
    const ids: string[] = [];
    for (let count = 0; count < 20; count++) {
      const sentAtMs = performance.now();
      const answer = await system.schedule("hello");
      expect(answer.status).toBe(202);
      expect(performance.now() - sentAtMs).toBeLessThanOrEqual(3_000);
      ids.push(String(answer.body["id"]));
    }
    const ready = await system.request("GET", "/readyz");
    expect([ready.status, ready.body["status"]]).toEqual([200, "degraded"]);

    await rabbit.restart();
    const backAtMs = performance.now();
    for (const id of ids) expect(await system.done(id)).toMatchObject({ outcome: "complete", attempt: 1 });
    expect(performance.now() - backAtMs).toBeLessThanOrEqual(30_000);
    // The tasks were announced by the timeout daemon; the API's own connection may take a moment longer.
    await until(async () => (await system.schedule("hello")).status === 201, "the API announces by itself again");
  });

  it("[E2E-7] of Redis: scheduling says so, and everything goes on when it is back", async () => {
    await using redis = await startRedis();
    await using rabbit = await startRabbit();
    const amqpUrl = await rabbit.createVhost("outage");
    await using system = await System.start({ services: { redisUrl: redis.url, amqpUrl } });
    await system.startScheduler();
    const running = await system.scheduled("sleep", { ms: 4_000 });
    await system.reaches(running, "running");

    await redis.stop();
    const refused = await system.schedule("hello");
    expect([refused.status, refused.body["code"]]).toEqual([503, "store_unavailable"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await system.request("GET", "/readyz")).status).toBe(503);
    expect((await system.request("GET", "/healthz")).status).toBe(200);

    await redis.restart();
    await until(async () => (await system.schedule("hello")).status === 201, "scheduling goes on");
    expect(await system.done(running)).toMatchObject({ outcome: "complete", attempt: 1 });
    expect(await system.done(await system.scheduled("hello"))).toMatchObject({ outcome: "complete" });
  });
});
