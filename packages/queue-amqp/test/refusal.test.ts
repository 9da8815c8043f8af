import { QueueError } from "@mayfly/queue";
import { RecordingLogger } from "@mayfly/service/testing";
import { freePort, RabbitControl } from "@mayfly/test-services";
import { beforeAll, expect, inject, it, onTestFinished, vi } from "vitest";
import { ClosingBroker } from "./closing-broker.ts";
import { aName, anOpenQueue, aQueue, patience, untilLost } from "./test-queue.ts";

const control = new RabbitControl(inject("rabbit"));
let url: string;

beforeAll(async () => {
  url = await control.createVhost("refusal");
});

/** Addresses that will never do, each with a secret that nobody may see. */
const refused: Readonly<Record<string, () => string>> = {
  "a user that the broker does not know": () => url.replace("guest:guest", "nobody:sesame"),
  "a wrong password": () => url.replace("guest:guest", "guest:sesame"),
  "a virtual host that does not exist": () => url.replace(/\/refusal$/, "/sesame"),
  "an address that is none": () => "amqp://guest:sesame@ somewhere",
  "an address of something else": () => "http://guest:sesame@127.0.0.1/",
};

it.each(Object.entries(refused))("[AMQP-13] refuses to open with %s", async (_, address) => {
  const logger = new RecordingLogger();
  const queue = aQueue({ url: address(), logger });
  const error = await queue.open().catch((reason: unknown) => reason);
  expect(QueueError.is(error) && error.code).toBe("refused");
  await expect(queue.open()).rejects.toBe(error);
  const told = `${JSON.stringify(logger.entries)} ${String(error)}`;
  if (!address().endsWith("/sesame")) expect(told).not.toContain("sesame");
});

it("[AMQP-13] takes no broker for one that refuses because it closes for a while what it ought to open", async () => {
  const { port } = inject("rabbit");
  await using broker = await ClosingBroker.start(port);
  broker.opens = false;
  broker.closes = 4;
  const queue = await anOpenQueue({ url: url.replace(`:${port}/`, `:${broker.port}/`) });
  expect(broker.closes).toBe(0);
  expect(await queue.declare(aName())).toBe("declared");
  await queue.close();
});

it("[AMQP-14] logs no credentials, whichever node it tries", async () => {
  const logger = new RecordingLogger();
  const away = `amqp://user:sesame@127.0.0.1:${await freePort()}`;
  // The first of them is asked first.
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  await anOpenQueue({ url: `${away}, ${away} ,${url}`, logger });
  const failures = logger.entries.filter(({ message }) => message.startsWith("broker not reached"));
  expect(failures).toHaveLength(2);
  expect(JSON.stringify(logger.entries)).not.toContain("sesame");
});

it("[AMQP-20] goes on when a node of several is away", async () => {
  const away = `amqp://guest:guest@127.0.0.1:${await freePort()}`;
  const vhost = "several";
  const address = await control.createVhost(vhost);
  const logger = new RecordingLogger();
  const queue = await anOpenQueue({ url: `${address},${away}`, logger });
  const name = aName();
  await queue.declare(name);
  await control.closeConnections(vhost);
  await untilLost(logger, "connection to the broker lost", { connection: "mayfly publisher" });
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  expect(await queue.ready(name)).toBe(0);
});
