import { existsSync } from "node:fs";
import { createClient } from "redis";
import { expect, inject, it } from "vitest";
import { type RedisServer, startRedis } from "../src/redis-server.ts";
import { isAlive } from "./is-alive.ts";

function clientOf(server: RedisServer) {
  return createClient({ url: server.url, socket: { reconnectStrategy: false } });
}

async function withClient<T>(server: RedisServer, use: (client: ReturnType<typeof clientOf>) => Promise<T>) {
  const client = clientOf(server);
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

it("[OPS-1] keeps its data over stop, kill and restart on the same port", async () => {
  await using server = await startRedis();
  const { port, pid } = server;
  await withClient(server, (client) => client.set("mayfly", "alive"));

  await server.stop();
  await server.stop();
  expect(isAlive(pid)).toBe(false);
  await expect(withClient(server, (client) => client.ping())).rejects.toThrow(/ECONNREFUSED/);

  await server.restart();
  expect(server.port).toBe(port);
  expect(await withClient(server, (client) => client.get("mayfly"))).toBe("alive");

  await withClient(server, (client) => client.set("mayfly", "killed"));
  await server.kill();
  await server.restart();
  expect(await withClient(server, (client) => client.get("mayfly"))).toBe("killed");
});

it("loses its data on restart without the append-only file", async () => {
  await using server = await startRedis({ appendonly: false });
  await withClient(server, (client) => client.set("mayfly", "alive"));
  await server.restart();
  expect(await withClient(server, (client) => client.get("mayfly"))).toBeNull();
});

it("holds its answers while it is paused", async () => {
  await using server = await startRedis();
  await withClient(server, async (client) => {
    server.pause();
    const answer = client.ping();
    const first = await Promise.race([answer, new Promise((resolve) => setImmediate(resolve, "none yet"))]);
    expect(first).toBe("none yet");
    server.resume();
    expect(await answer).toBe("PONG");
  });
});

it("[OPS-1] leaves neither process nor folder behind", async () => {
  const server = await startRedis();
  await server.remove();
  await server.remove();
  expect(isAlive(server.pid)).toBe(false);
  expect(existsSync(server.dir)).toBe(false);
});

it("says what the server said when it cannot start", async () => {
  await using server = await startRedis();
  await expect(startRedis({ port: server.port })).rejects.toThrow(/ended \(code 1.*\n.*[\s\S]*Address already in use/);
});

it("is provided to every test file of the run", async () => {
  const client = createClient({ url: inject("redisUrl") });
  await client.connect();
  expect(await client.ping()).toBe("PONG");
  client.destroy();
});
