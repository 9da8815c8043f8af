import { expect, it } from "vitest";
import { DeploymentAudit } from "./deployment-audit.ts";
import { System, until } from "./system.ts";

it("[SWEEP-13] a task that every instance rejects ends as undeliverable, and its dead letters are gone", async () => {
  await using system = await System.start();
  await using audit = await DeploymentAudit.open(system);
  await system.request("PUT", "/scheduler/hello");
  let deliveries = 0;
  const consumer = await audit.queue.consume("hello", {
    slots: 1,
    holdMs: 60_000,
    onDelivery: async (delivery) => {
      deliveries++;
      delivery.drop();
    },
  });
  const id = await system.scheduled("hello");
  expect(await audit.ends([id])).toEqual([["abort"]]);
  expect(await system.view(id)).toMatchObject({ outcome: "aborted", reason: { code: "undeliverable" } });
  expect(deliveries).toBe(5);
  await consumer.close();
  await until(async () => (await audit.queue.ready(`${system.prefix}.dead`)) === 0, "no dead letter waits");
  const daemon = system.latest("timeout");
  await daemon.waitFor("undeliverable task ended");
  const said = daemon.logs.map(({ msg }) => msg);
  expect(said.filter((msg) => msg === "undeliverable task will be announced again")).toHaveLength(4);
  expect(said.filter((msg) => msg === "undeliverable task ended")).toHaveLength(1);
});
