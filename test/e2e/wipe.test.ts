import { randomUUID } from "node:crypto";
import { RabbitControl, startRedis } from "@mayfly/test-services";
import { createClient } from "redis";
import { describe, expect, inject, it } from "vitest";
import { DeploymentAudit } from "./deployment-audit.ts";
import { Journal, recordingHandlers } from "./journal.ts";
import { redisKeys } from "./redis-keys.ts";
import { System, until } from "./system.ts";

const control = (): RabbitControl => new RabbitControl(inject("rabbit"));

/** Schedules tasks for a handler (`work` by default), all of which must be accepted and announced; resolves with their ids. */
async function scheduled(
  system: System,
  options: { readonly count: number; readonly file: string; readonly handler?: string; readonly scheduler?: string },
): Promise<readonly string[]> {
  const { count, file, handler = "work", scheduler = "hello" } = options;
  const ids = Array.from({ length: count }, () => randomUUID());
  const answer = await system.request("POST", "/tasks/schedule", {
    tasks: ids.map((id) => ({ id, scheduler, attributes: { handler, file } })),
  });
  const results = answer.body["results"] as readonly { readonly status: number }[];
  expect(results.filter(({ status }) => status !== 201 && status !== 202)).toEqual([]);
  expect(results).toHaveLength(count);
  // A task that is only stored, 202, because the broker is busy, has no message yet: it would be lost with Redis.
  const { services, prefix } = system;
  const outboxes = `${prefix}:*:outbox`;
  await until(async () => (await redisKeys(services.redisUrl, outboxes)).length === 0, "all tasks are announced");
  return ids;
}

async function flushAll(url: string): Promise<void> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  await client.flushAll();
  client.destroy();
}

/** Expects that each task has ended once, as complete, and has run once. */
async function expectEachOnce(audit: DeploymentAudit, journal: Journal, ids: readonly string[]): Promise<void> {
  expect(await audit.ends(ids)).toEqual(ids.map(() => ["complete"]));
  const runs = (await journal.lines()).map(([id]) => id);
  expect(runs).toHaveLength(ids.length);
  expect(new Set(runs)).toEqual(new Set(ids));
}

describe("Redis is wiped", () => {
  it("[WIPE-1] while 1,000 tasks wait in a queue: all of them run, each once", async () => {
    await using redis = await startRedis();
    const amqpUrl = await control().createVhost(`wipe-${randomUUID().slice(0, 8)}`);
    await using system = await System.start({ services: { redisUrl: redis.url, amqpUrl } });
    await using journal = await Journal.open();
    await system.request("PUT", "/scheduler/hello");
    const ids = await scheduled(system, { count: 1_000, file: journal.file });
    await flushAll(redis.url);
    expect((await system.request("GET", `/task/${ids[0]}`)).status).toBe(404);
    await using audit = await DeploymentAudit.open(system);
    await system.startScheduler(recordingHandlers);
    await expectEachOnce(audit, journal, ids);
    // What was lost is not known for ever: new tasks are as good as before.
    await system.done(await system.scheduled("work", { file: journal.file }));
  });

  it("[WIPE-2] while 16 tasks run, with held and with returned messages, and 100 wait: each ends once and runs once", async () => {
    await using redis = await startRedis();
    const vhost = `wipe-${randomUUID().slice(0, 8)}`;
    const services = { redisUrl: redis.url, amqpUrl: await control().createVhost(vhost) };
    await using system = await System.start({ services });
    await using journal = await Journal.open();
    const schedulers = ["held", "returned"] as const;
    for (const name of schedulers) {
      const holdMs = name === "held" ? "60000" : "1000";
      await system.startScheduler({ ...recordingHandlers, MAYFLY_SCHEDULER: name, MAYFLY_HOLD_MS: holdMs });
    }
    const ids: string[] = [];
    for (const scheduler of schedulers) {
      const common = { file: journal.file, scheduler };
      ids.push(...(await scheduled(system, { ...common, count: 8, handler: "hold" })));
      await until(async () => (await journal.lines()).length === ids.length, "all slots are taken");
    }
    for (const scheduler of schedulers) {
      await until(async () => {
        const queue = (await control().listQueues(vhost)).find(({ name }) => name === scheduler);
        return queue?.unacknowledged === (scheduler === "held" ? 8 : 0);
      }, "the messages are held, or acknowledged while their tasks run");
    }
    const running = [...ids];
    const waiting = await Promise.all(
      schedulers.map((scheduler) => scheduled(system, { count: 50, file: journal.file, scheduler })),
    );
    ids.push(...waiting.flat());
    expect(await journal.lines()).toHaveLength(16);
    await flushAll(redis.url);
    await using audit = await DeploymentAudit.open(system);
    await until(async () => {
      const views = await Promise.all(running.map((id) => system.view(id)));
      return views.every(({ state, attempt }) => state === "running" && attempt === 1);
    }, "all that run have been written back");
    await journal.release();
    await expectEachOnce(audit, journal, ids);
  });
});

describe("a queue loses its messages", () => {
  const env = { MAYFLY_REANNOUNCE_MS: "2000" };

  it("[WIPE-3] when it is purged with 1,000 tasks in it: all of them run, each once", async () => {
    await using system = await System.start({ env });
    await using journal = await Journal.open();
    await using audit = await DeploymentAudit.open(system);
    await system.request("PUT", "/scheduler/hello");
    const ids = await scheduled(system, { count: 1_000, file: journal.file });
    await control().purgeQueue(system.prefix, "hello");
    await system.startScheduler(recordingHandlers);
    await expectEachOnce(audit, journal, ids);
  });

  it("[WIPE-4] when it is deleted under a running scheduler: all of 1,000 tasks run, each once", async () => {
    await using system = await System.start({ env });
    await using journal = await Journal.open();
    await using audit = await DeploymentAudit.open(system);
    await system.startScheduler(recordingHandlers);
    const running = await scheduled(system, { count: 8, file: journal.file, handler: "hold" });
    await until(async () => (await journal.lines()).length === 8, "all slots are taken");
    const waiting = await scheduled(system, { count: 992, file: journal.file });
    expect(await journal.lines()).toHaveLength(8);
    await control().deleteQueue(system.prefix, "hello");
    await journal.release();
    await expectEachOnce(audit, journal, [...running, ...waiting]);
  });
});
