import { randomUUID } from "node:crypto";
import { RabbitControl } from "@mayfly/test-services";
import { expect, inject, it } from "vitest";
import { redisKeys } from "./redis-keys.ts";
import { System, until } from "./system.ts";

interface Queue {
  readonly name: string;
  readonly members: readonly string[];
  readonly online: readonly string[];
}

it("[CLUSTER-4] every node of a Redis Cluster keeps tasks, and every node of a RabbitMQ cluster keeps each queue", async () => {
  await using system = await System.start();
  await system.startScheduler();
  const tasks = Array.from({ length: 100 }, () => ({
    id: randomUUID(),
    scheduler: "hello",
    attributes: { handler: "hello" },
  }));
  expect((await system.request("POST", "/tasks/schedule", { tasks })).status).toBe(200);
  await Promise.all(tasks.map(({ id }) => system.done(id)));

  const nodes = inject("redisUrl").split(",");
  const kept = await Promise.all(nodes.map((url) => redisKeys(url, `${system.prefix}:*:done:*`)));
  expect(kept.filter((keys) => keys.length > 0)).toHaveLength(3);
  expect(kept.flat()).toHaveLength(tasks.length);

  const columns = ["name", "members", "online"];
  const control = new RabbitControl(inject("rabbit"));
  let queues: readonly Queue[] = [];
  // A node that is busy may be late to say that its member is there.
  await until(async () => {
    const text = await control.run("list_queues", "--vhost", system.prefix, "--formatter", "json", ...columns);
    queues = JSON.parse(text) as readonly Queue[];
    return queues.every(({ online }) => online.length === 3);
  }, "all members are online");
  expect(queues.map(({ name }) => name).sort()).toEqual([`${system.prefix}.dead`, "hello"].sort());
  for (const { members, online } of queues) expect([members.length, online.length]).toEqual([3, 3]);
});
