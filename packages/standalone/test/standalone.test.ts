import { InlineRuntime } from "@mayfly/runtime";
import { describeServiceContract, describeServiceFaults, TakenPort } from "@mayfly/service-contract";
import { freePort } from "@mayfly/test-services";
import { describe, expect, it } from "vitest";
import { createStandalone } from "../src/index.ts";

const runtime = new InlineRuntime({
  greet: (task) => ({ greeting: `Hello, ${JSON.stringify(task.attributes["name"])}!` }),
});

describe("createStandalone", () => {
  it("[APP-7] schedules over HTTP and without, and runs what it is given", async () => {
    await using mayfly = createStandalone({ runtime });
    await mayfly.start();
    const body = JSON.stringify({ scheduler: "hello", attributes: { handler: "greet", name: "Ada" } });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${mayfly.url}/task/schedule`, { method: "POST", headers, body });
    expect(response.status).toBe(201);
    const done = await fetch(`${mayfly.url}${response.headers.get("location")}?wait=10`);
    expect(await done.json()).toMatchObject({ outcome: "complete", result: { greeting: 'Hello, "Ada"!' } });

    const { task } = await mayfly.dispatcher.schedule({
      scheduler: "hello",
      attributes: { handler: "greet", name: "Bob" },
    });
    expect(await mayfly.dispatcher.wait(task.id, { waitMs: 10_000 })).toMatchObject({ outcome: "complete" });
  });

  it("[APP-7] keeps what waits for its next start", async () => {
    await using mayfly = createStandalone({ runtime });
    await mayfly.start();
    await mayfly.stop();
    const { task } = await mayfly.dispatcher.schedule({ scheduler: "hello", attributes: { handler: "greet" } });
    expect(mayfly.url).toBeUndefined();
    await mayfly.start();
    expect(await mayfly.dispatcher.wait(task.id, { waitMs: 10_000 })).toMatchObject({ outcome: "complete" });
  });

  it("[APP-7] starts nothing when its port is taken", async () => {
    await using first = createStandalone({ runtime });
    await first.start();
    const second = createStandalone({ runtime, port: Number(new URL(first.url ?? "").port) });
    await expect(second.start()).rejects.toThrow("EADDRINUSE");
    expect((await second.dispatcher.schedulers()).length).toBe(0);
  });
});

describeServiceFaults("[SERV-4] Standalone", async () => {
  const port = await freePort();
  const taken = new TakenPort(port);
  return {
    service: createStandalone({ runtime, port }),
    beginFault: () => taken.take(),
    endFault: () => taken.leave(),
  };
});

describeServiceContract("[SERV-1] Standalone", () => ({ service: createStandalone({ runtime }) }));
