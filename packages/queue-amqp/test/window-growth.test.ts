import { RabbitControl } from "@mayfly/test-services";
import { beforeAll, expect, inject, it, vi } from "vitest";
import { aName, anOpenQueue, patience, publish, take } from "./test-queue.ts";

const slots = 8;
const vhost = "window-growth";
const control = new RabbitControl(inject("rabbit"));
let url: string;

beforeAll(async () => {
  url = await control.createVhost(vhost);
});

it.each([1, 3, 8])("[AMQP-25] runs 8 at once again after %i of them were held beyond holdMs", async (long) => {
  const queue = await anOpenQueue({ url });
  const name = aName();
  await queue.declare(name);
  await publish(queue, name, slots);
  // Long enough for all of them to come in it, and to be ended, however busy the machine is.
  const taking = await take(queue, name, { slots, holdMs: 3_000 });
  await vi.waitFor(() => expect(taking.running()).toBe(slots), patience);
  for (const work of taking.works.slice(0, long)) work.delivery.owned();
  for (const work of taking.works.slice(long)) work.end();
  // The broker says when the long ones have been acknowledged early.
  await vi.waitFor(async () => {
    const status = (await control.listQueues(vhost)).find((each) => each.name === name);
    expect(status).toMatchObject({ ready: 0, unacknowledged: 0 });
  }, patience);
  expect(taking.running()).toBe(long);

  for (const work of taking.works) work.end();
  await publish(queue, name, 4 * slots);
  for (let round = 0; round < 4; round++) {
    const begun = slots + round * slots;
    await vi.waitFor(() => expect(taking.running()).toBe(slots), patience);
    for (const work of taking.works.slice(begun, begun + slots)) work.end();
    await vi.waitFor(() => expect(taking.works).toHaveLength(Math.min(begun + 2 * slots, 5 * slots)), patience);
  }
  expect(taking.most()).toBe(slots);
});
