import { freePort } from "@mayfly/test-services";
import { describe, expect, it } from "vitest";
import { HealthServer } from "../src/index.ts";

describe("HealthServer", () => {
  it("[APP-6] tells whether the process is up and whether it does its work", async () => {
    let isReady = false;
    const port = await freePort();
    await using server = new HealthServer({ host: "127.0.0.1", port, isReady: () => isReady });
    await server.start();
    const status = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect(await status("/healthz")).toBe(200);
    expect(await status("/readyz")).toBe(503);
    isReady = true;
    expect(await status("/readyz")).toBe(200);
    expect(await status("/elsewhere")).toBe(404);
  });

  it("[APP-6] does nothing without a port", async () => {
    const server = new HealthServer({ host: "127.0.0.1", port: undefined, isReady: () => true });
    await server.start();
    await server.stop();
  });
});
