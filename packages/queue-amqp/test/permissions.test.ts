import { readFileSync } from "node:fs";
import type { DeadLetter } from "@mayfly/queue";
import { RabbitControl } from "@mayfly/test-services";
import { expect, inject, it, vi } from "vitest";
import { anOpenQueue, patience, publish, take } from "./test-queue.ts";

const document = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");

/** The rights that the document gives to a program's user. */
function documentedRights(program: string): readonly string[] {
  const row = new RegExp(`^\\| ${program} \\| \`(.*)\` \\| \`(.*)\` \\| \`(.*)\` \\|$`, "m").exec(document);
  return (row ?? []).slice(1).map((pattern) => pattern.replaceAll("\\|", "|"));
}

it("[DOC-7] the users of docs/operations.md for RabbitMQ may do what their programs need", async () => {
  const control = new RabbitControl(inject("rabbit"));
  const url = await control.createVhost("permissions");
  for (const program of ["api", "timeout"]) {
    await control.run("add_user", program, "SECRET");
    const rights = documentedRights(program);
    expect(rights).toHaveLength(3);
    await control.run("set_permissions", "--vhost", "permissions", program, ...rights);
  }
  const api = await anOpenQueue({ url: url.replace("guest:guest", "api:SECRET") });
  expect(await api.declare("hello")).toBe("declared");
  await publish(api, "hello", 1);
  const timeout = await anOpenQueue({ url: url.replace("guest:guest", "timeout:SECRET") });
  await publish(timeout, "hello", 1);
  const { consumer, works } = await take(api, "hello", { slots: 2, holdMs: 60_000 });
  await vi.waitFor(() => expect(works).toHaveLength(2), patience);
  expect(consumer.isSubscribed).toBe(true);
  works[0]?.delivery.drop();
  for (const work of works) work.end();
  await vi.waitFor(async () => expect(await api.ready("mayfly.dead")).toBe(1), patience);
  const letters: DeadLetter[] = [];
  const dead = await timeout.consumeDead({ slots: 1, onDeadLetter: async (letter) => void letters.push(letter) });
  await vi.waitFor(() => expect(letters).toHaveLength(1), patience);
  expect(dead.isSubscribed).toBe(true);
  await dead.close();
  await consumer.close();
  await api.remove("hello");
});
