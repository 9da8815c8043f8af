import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "amqplib";
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { RabbitControl } from "../src/rabbit-control.ts";
import { type RabbitServer, startRabbit } from "../src/rabbit-server.ts";
import { isAlive } from "./is-alive.ts";

/** How long a test waits for what the broker does by itself, and for its helpers to follow it into death. */
const patience = { timeout: 20_000, interval: 50 };

// The node and each `rabbitmqctl` are Erlang machines of their own: on a busy machine they need many seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rabbit: RabbitServer;

beforeAll(async () => {
  rabbit = await startRabbit();
});

afterAll(async () => {
  await rabbit.remove();
  expect(isAlive(rabbit.pid)).toBe(false);
  expect(existsSync(rabbit.access.dir)).toBe(false);
  await vi.waitFor(() => expect(processesThatMention(rabbit.access.dir)).toEqual([]), patience);
  await vi.waitFor(() => expect(processesThatMention(`-port ${rabbit.access.epmdPort}`)).toEqual([]), patience);
});

/** The command lines of the processes whose command line or environment has the text. */
function processesThatMention(text: string): readonly string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((entry) => {
      try {
        const file = (name: string) => readFileSync(`/proc/${entry}/${name}`, "utf8").replaceAll("\0", " ");
        return file("cmdline").includes(text) || file("environ").includes(text) ? [file("cmdline")] : [];
      } catch {
        return [];
      }
    });
}

async function withChannel<T>(
  url: string,
  use: (channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>["createConfirmChannel"]>>) => Promise<T>,
): Promise<T> {
  const connection = await connect(url);
  try {
    return await use(await connection.createConfirmChannel());
  } finally {
    await connection.close();
  }
}

async function putOne(url: string, queue: string): Promise<void> {
  await withChannel(url, async (channel) => {
    await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
    channel.sendToQueue(queue, Buffer.from("a task"), { persistent: true });
    await channel.waitForConfirms();
  });
}

async function takeOne(url: string, queue: string): Promise<string | undefined> {
  return await withChannel(url, async (channel) => {
    const message = await channel.get(queue, { noAck: true });
    return message === false ? undefined : message.content.toString();
  });
}

it("[OPS-1] keeps durable messages over stop and restart on the same port", async () => {
  const url = await rabbit.createVhost("stopped");
  const { port, pid } = rabbit;
  await putOne(url, "tasks");
  await rabbit.stop();
  await rabbit.stop();
  expect(isAlive(pid)).toBe(false);
  await expect(connect(url)).rejects.toThrow(/ECONNREFUSED/);

  await rabbit.restart();
  expect(rabbit.port).toBe(port);
  expect(await takeOne(url, "tasks")).toBe("a task");
});

it("[OPS-1] keeps confirmed messages over SIGKILL", async () => {
  const url = await rabbit.createVhost("killed");
  await putOne(url, "tasks");
  await rabbit.control.settle();
  await rabbit.kill();
  await rabbit.restart();
  expect(await takeOne(url, "tasks")).toBe("a task");
});

it("lists, purges and deletes queues of a virtual host", async () => {
  const url = await rabbit.createVhost("queues");
  await putOne(url, "tasks");
  await vi.waitFor(async () => {
    const status = { name: "tasks", messages: 1, ready: 1, unacknowledged: 0, consumers: 0 };
    expect(await rabbit.control.listQueues("queues")).toEqual([status]);
  }, patience);
  await rabbit.control.purgeQueue("queues", "tasks");
  expect(await takeOne(url, "tasks")).toBeUndefined();
  await rabbit.control.deleteQueue("queues", "tasks");
  expect(await rabbit.control.listQueues("queues")).toEqual([]);
  await rabbit.control.deleteVhost("queues");
  await expect(connect(url)).rejects.toThrow("ConnectionClose");
});

it("blocks publishers while the memory alarm is raised", async () => {
  const connection = await connect(await rabbit.createVhost("alarm"));
  const blocked = new Promise((resolve) => connection.once("blocked", resolve));
  const unblocked = new Promise((resolve) => connection.once("unblocked", resolve));
  const channel = await connection.createConfirmChannel();
  await rabbit.control.raiseMemoryAlarm();
  channel.publish("", "nowhere", Buffer.from("a task"));
  await blocked;
  await rabbit.control.clearMemoryAlarm();
  await unblocked;
  await channel.waitForConfirms();
  await connection.close();
});

it("closes connections from the broker's side", async () => {
  const connection = await connect(await rabbit.createVhost("closed"));
  const closed = new Promise((resolve) => connection.once("close", resolve));
  connection.on("error", () => {});
  await rabbit.control.closeConnections("closed");
  await closed;
});

it("is provided to every test file of the run", async () => {
  const url = await new RabbitControl(inject("rabbit")).createVhost("provided");
  await putOne(url, "tasks");
  expect(await takeOne(url, "tasks")).toBe("a task");
});
