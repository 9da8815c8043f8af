import { describe, expect, it } from "vitest";
import { HealthServer } from "../src/index.ts";

describe("HealthServer", () => {
  it("[APP-6] tells whether the process is up and whether it does its work", async () => {
    let isReady = false;
    const { createServer } = await import("node:net");
    const probe = createServer().listen(0);
    const address = probe.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise<void>((resolve) => probe.close(() => resolve()));
    await using server = new HealthServer({ port, isReady: () => isReady });
    await server.start();
    const status = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect(await status("/healthz")).toBe(200);
    expect(await status("/readyz")).toBe(503);
    isReady = true;
    expect(await status("/readyz")).toBe(200);
    expect(await status("/elsewhere")).toBe(404);
  });

  it("[APP-6] does nothing without a port", async () => {
    const server = new HealthServer({ port: undefined, isReady: () => true });
    await server.start();
    await server.stop();
  });
});
