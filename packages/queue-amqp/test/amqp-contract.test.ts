import { AmqpQueue } from "@mayfly/queue-amqp";
import { describeQueueContract } from "@mayfly/queue/contract";
import { RabbitControl } from "@mayfly/test-services";
import { beforeAll, inject } from "vitest";

let url: string;

beforeAll(async () => {
  url = await new RabbitControl(inject("rabbit")).createVhost("queue-contract");
});

describeQueueContract("AmqpQueue", async () => {
  const queue = new AmqpQueue({ url });
  await queue.open();
  return { queue, patienceMs: 15_000, close: () => queue.close() };
});
