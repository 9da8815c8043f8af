import { InMemoryQueue } from "@mayfly/queue";
import { describeQueueContract } from "@mayfly/queue/contract";

describeQueueContract("InMemoryQueue", async () => {
  const queue = new InMemoryQueue();
  await queue.open();
  return { queue, patienceMs: 5_000, close: () => queue.close() };
});
