import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Dispatcher } from "@mayfly/dispatcher";
import { AmqpQueue } from "@mayfly/queue-amqp";
import { RedisStore } from "@mayfly/store-redis";
import { OwnedProcess, RabbitControl, startRedis } from "@mayfly/test-services";
import { expect, inject, it } from "vitest";

const folder = fileURLToPath(new URL("..", import.meta.url));

it("the custom scheduler runs tasks from real services and drains on SIGTERM [EX-1]", async () => {
  await using teapot = await startTeapot();
  await using redis = await startRedis();
  const amqpUrl = await new RabbitControl(inject("rabbit")).createVhost("custom-scheduler");
  const example = await OwnedProcess.spawn({
    command: process.execPath,
    args: ["custom-scheduler.mjs"],
    env: { PATH: process.env["PATH"] ?? "", REDIS_URL: redis.url, AMQP_URL: amqpUrl },
    cwd: folder,
  });
  const store = new RedisStore({ url: redis.url });
  const queue = new AmqpQueue({ url: amqpUrl });
  try {
    await Promise.all([store.open(), queue.open()]);
    const dispatcher = new Dispatcher({ store, queue });
    await expect.poll(() => instancesOrEnd(dispatcher, example), { timeout: 30_000 }).toBe(1);

    const run = async (attributes: Readonly<Record<string, string | number>>): Promise<unknown> => {
      const { task } = await dispatcher.schedule({ scheduler: "office", attributes });
      return dispatcher.wait(task.id, { waitMs: 20_000 });
    };
    const [greeting, check, rejected, unknown] = await Promise.all([
      run({ handler: "greet", name: "Ada" }),
      run({ handler: "check", url: teapot.url }),
      run({ handler: "check", url: 7 }),
      run({ handler: "dance" }),
    ]);
    expect(greeting).toMatchObject({ state: "done", outcome: "complete", result: "Hello, Ada!" });
    expect(check).toMatchObject({ state: "done", outcome: "complete", result: { status: 418 } });
    const reason = { code: "rejected", message: "url must be text" };
    expect(rejected).toMatchObject({ state: "done", outcome: "aborted", reason });
    const message: unknown = expect.stringContaining("Known handlers: check, greet.");
    expect(unknown).toMatchObject({ outcome: "aborted", reason: { code: "rejected", message } });

    example.signal("SIGTERM");
    expect(await example.exited).toEqual({ code: 0, signal: null });
    expect(example.output).toContain("complete Hello, Ada!");
    expect(example.output).toContain("complete { status: 418 }");
  } finally {
    await Promise.all([store.close(), queue.close(), example.kill()]);
  }
});

it("the custom scheduler is short, imports the SDK alone, and is the README's first example [EX-2]", async () => {
  const source = await readFile(`${folder}/custom-scheduler.mjs`, "utf8");
  expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
  expect([...source.matchAll(/\bfrom "(.*)"/g)].map(([, name]) => name)).toEqual(["@mayfly/scheduler-sdk"]);
  const readme = await readFile(`${folder}/../../README.md`, "utf8");
  const firstExample = /```(?:js|ts|javascript|typescript)\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(firstExample).toBe(source);
});

/** A web server that answers everything with status 418. */
async function startTeapot(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) => response.writeHead(418, { connection: "close" }).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

/** How many instances the scheduler has; fails with the output of a process that has ended. */
async function instancesOrEnd(dispatcher: Dispatcher, example: OwnedProcess): Promise<number> {
  if (!example.isRunning) throw new Error(`The example has ended:\n${example.output}`);
  return (await dispatcher.findScheduler("office"))?.instances.length ?? 0;
}
