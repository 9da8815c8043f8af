import { connectScheduler, InlineRuntime } from "@mayfly/scheduler-sdk";

// A task says in its attribute `handler` which of these it wants. What a handler returns becomes the task's result.
const runtime = new InlineRuntime({
  greet: async (task) => `Hello, ${task.attributes.name}!`,
  check: async (task, run) => {
    const { url } = task.attributes;
    if (typeof url !== "string") return run.reject("url must be text");
    const response = await fetch(url, { signal: run.signal });
    return { status: response.status };
  },
});

const scheduler = await connectScheduler({
  name: "office",
  runtime,
  concurrency: 4,
  redisUrl: process.env.REDIS_URL ?? "redis://127.0.0.1:6379",
  amqpUrl: process.env.AMQP_URL ?? "amqp://127.0.0.1:5672",
  onEnd: (task, { outcome, result }) => console.log(task.id, outcome, result),
});

await scheduler.start();
process.once("SIGTERM", () => void scheduler.stop());
