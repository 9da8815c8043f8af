import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type FaultProxy, startProxy } from "../src/fault-proxy.ts";

/** How long a test waits for bytes that are under way: a busy machine takes its time. */
const patience = { timeout: 20_000, interval: 20 };

let echo: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startProxy((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

/** A connection through the proxy that keeps what it reads. */
async function client(): Promise<{ socket: Socket; text: () => string; closed: Promise<unknown> }> {
  const socket = connect(proxy.port, "127.0.0.1").setEncoding("utf8");
  clients.push(socket);
  let text = "";
  socket.on("data", (more: string) => {
    text += more;
  });
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  return { socket, text: () => text, closed };
}

it("passes bytes and ends on, and counts connections", async () => {
  const { socket, text, closed } = await client();
  socket.end("x".repeat(3_000_000));
  await closed;
  expect(text()).toHaveLength(3_000_000);
  await vi.waitFor(() => expect(proxy.connections).toEqual({ open: 0, accepted: 1, refused: 0 }), patience);
});

it("cuts the connections that there are, and takes new ones", async () => {
  const { socket, text, closed } = await client();
  socket.write("one");
  await vi.waitFor(() => expect(text()).toBe("one"), patience);
  proxy.cut();
  expect(await closed).toBe(true);
  const other = await client();
  other.socket.write("two");
  await vi.waitFor(() => expect(other.text()).toBe("two"), patience);
});

it("refuses new connections and leaves the others", async () => {
  const { socket, text } = await client();
  await vi.waitFor(() => expect(proxy.connections.accepted).toBe(1), patience);
  proxy.refuse(true);
  const refused = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
  await new Promise((resolve) => refused.once("close", resolve));
  socket.write("still");
  await vi.waitFor(() => expect(text()).toBe("still"), patience);
  expect(proxy.connections.refused).toBe(1);
});

it("holds everything back while it is half open, ends too, and loses nothing of it", async () => {
  const { socket, text } = await client();
  const ended = await client();
  await vi.waitFor(() => expect(proxy.connections.open).toBe(2), patience);
  proxy.halfOpen(true);
  socket.write("one");
  ended.socket.end();
  const later = await client();
  later.socket.write("later");
  await vi.waitFor(() => expect(socket.bytesWritten).toBe(3), patience);
  // A round through an unhindered proxy takes longer than the held one would have taken.
  await using other = await startProxy((echo.address() as AddressInfo).port);
  const witness = connect(other.port, "127.0.0.1");
  witness.write("w");
  await once(witness, "data");
  witness.destroy();
  expect([text(), later.text(), ended.socket.readableEnded]).toEqual(["", "", false]);
  socket.write(" two");
  proxy.halfOpen(false);
  await vi.waitFor(() => expect([text(), later.text()]).toEqual(["one two", "later"]), patience);
  await ended.closed;
});

it("mutes the connections that there are for good, and passes later ones on", async () => {
  const { socket, text } = await client();
  await vi.waitFor(() => expect(proxy.connections.open).toBe(1), patience);
  proxy.mute();
  proxy.heal();
  socket.write("one");
  const other = await client();
  other.socket.write("two");
  await vi.waitFor(() => expect(other.text()).toBe("two"), patience);
  expect(text()).toBe("");
});

it("slows connections down", async () => {
  const { socket, text } = await client();
  const startedMs = performance.now();
  proxy.slow({ delayMs: 100 });
  await vi.waitFor(() => expect(proxy.connections.open).toBe(1), patience);
  socket.write("late");
  await vi.waitFor(() => expect(text()).toBe("late"), patience);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(199);
  proxy.slow({ bytesPerSecond: 10_000 });
  const slowMs = performance.now();
  socket.write("x".repeat(1_000));
  socket.write("y");
  await vi.waitFor(() => expect(text()).toMatch(/y$/), patience);
  expect(performance.now() - slowMs).toBeGreaterThanOrEqual(99);
});

it("closes what reaches no server", async () => {
  await new Promise<void>((resolve) => {
    echo.close(() => resolve());
  });
  const { closed } = await client();
  await closed;
});
