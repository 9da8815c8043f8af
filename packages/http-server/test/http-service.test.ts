import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ManualClock } from "@mayfly/service/testing";
import { describe, expect, it } from "vitest";
import { HttpService } from "../src/index.ts";
import { TestApi } from "./test-api.ts";

async function open(service: HttpService): Promise<Socket> {
  const { host = "", port = 0 } = service.address ?? {};
  const socket = connect(port, host);
  await once(socket, "connect");
  return socket;
}

/** All that comes until the other side ends the connection. */
async function everything(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  // Not `once`, which rejects when the other side resets the connection because it has not read all that was sent.
  await new Promise<void>((resolve) => socket.on("close", () => resolve()));
  return text;
}

describe("HttpService", () => {
  it("[HTTP-15] listens, says where, and can be started and stopped again", async () => {
    const service = new HttpService({ port: 0, listener: () => (_request, response) => void response.end("ok") });
    await service.stop();
    for (let round = 0; round < 2; round++) {
      expect(service.address).toBeUndefined();
      const starting = service.start();
      expect(service.start()).toBe(starting);
      await starting;
      expect(service.address).toMatchObject({ host: "127.0.0.1" });
      expect(await (await fetch(service.address?.url as string)).text()).toBe("ok");
      await Promise.all([service.stop(), service.stop()]);
    }
  });

  it("[HTTP-15] does not start where somebody listens already, and can be tried again", async () => {
    await using first = await TestApi.start();
    const second = new HttpService({ port: first.service.address?.port, listener: () => () => undefined });
    await expect(second.start()).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.service.stop();
    await second.start();
    await second.stop();
  });

  it("[HTTP-15] stops at once when connections are idle, asked before or never", async () => {
    const clock = new ManualClock();
    const api = await TestApi.start({ clock });
    await api.call("GET", "/healthz");
    const silent = await open(api.service);
    const used = await open(api.service);
    used.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(used, "data");
    const ended = Promise.all([silent, used].map((socket) => once(socket.resume(), "close")));
    await api.service.stop();
    await ended;
    expect(clock.pendingTimers).toBe(0);
  });

  it("[HTTP-15] answers what is under way, tells the client that it was the last, and takes nothing new", async () => {
    const api = await TestApi.start({ clock: new ManualClock() });
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    let answer = (): void => undefined;
    api.dispatcher.onSchedule = () => {
      isAsked();
      return new Promise((resolve) => (answer = resolve));
    };
    const { port = 0, host = "" } = api.service.address ?? {};
    const socket = await open(api.service);
    const received = everything(socket);
    const body = JSON.stringify({ scheduler: "hello", attributes: {} });
    socket.write(
      `POST /task/schedule HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await asked;
    let isStopped = false;
    const stopping = api.service.stop().then(() => (isStopped = true));
    const refused = connect(port, host);
    expect(await once(refused, "error")).toMatchObject([{ code: "ECONNREFUSED" }]);
    expect(isStopped).toBe(false);
    answer();
    await stopping;
    expect(await received).toMatch(/^HTTP\/1.1 201 Created\r\n[^]*Connection: close\r\n[^]*"scheduler":"hello"/);
  });

  it("[HTTP-15] finishes an answer that has been begun, and then ends its connection", async () => {
    const service = new HttpService({
      port: 0,
      clock: new ManualClock(),
      listener: (drain) => (_request, response) => {
        response.writeHead(200, { "Content-Length": 4 });
        response.write("ab");
        drain.addEventListener("abort", () => response.end("cd"));
      },
    });
    await service.start();
    const socket = await open(service);
    const received = everything(socket);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    await service.stop();
    expect(await received).toMatch(/Connection: keep-alive\r\n[^]*\r\n\r\nabcd$/);
  });

  it("[HTTP-15] cuts what has not ended within the grace", async () => {
    const clock = new ManualClock();
    const api = await TestApi.start({ clock, stopGraceMs: 3_000 });
    const asked = new Promise<void>((resolve) => {
      api.dispatcher.onSchedule = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const failed = api
      .call("POST", "/task/schedule", { json: { scheduler: "hello", attributes: {} } })
      .catch((error: unknown) => error);
    await asked;
    const stopped = api.service.stop();
    await clock.advance(2_999);
    expect(api.logger.entries.filter(({ level }) => level === "warn")).toEqual([]);
    await clock.advance(1);
    await stopped;
    expect(await failed).toBeInstanceOf(TypeError);
    expect(api.logger.entries.at(-1)).toMatchObject({ level: "warn" });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ["a URL without a path", "GET http://[/ HTTP/1.1\r\nHost: x"],
    ["a host that is none", "GET http://a:b:c/task HTTP/1.1\r\nHost: x"],
    ["a whole URL", "GET http://x/task/1 HTTP/1.1\r\nHost: x"],
    ["nothing", "GET  HTTP/1.1\r\nHost: x"],
    ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: x"],
    ["two slashes and a colon", "GET //:80/ HTTP/1.1\r\nHost: x"],
    ["a path without a slash", "GET task HTTP/1.1\r\nHost: x"],
    ["a proxy's method", "CONNECT x:80 HTTP/1.1\r\nHost: x"],
    ["an unknown method", "FETCH /tasks HTTP/1.1\r\nHost: x"],
    ["no host", "GET /tasks HTTP/1.1\r\nX: y"],
    ["bytes in the path", "GET /t\u00e4sk HTTP/1.1\r\nHost: x"],
    ["an upgrade", "GET /tasks HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket"],
    ["two lengths", "POST /task/schedule HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2"],
    ["no number as length", "POST /task/schedule HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3"],
    ["large headers", `GET /tasks HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}`],
  ])("[HTTP-12] lives on after a request with %s", async (_name, head) => {
    await using api = await TestApi.start();
    const socket = await open(api.service);
    socket.on("error", () => undefined);
    const received = everything(socket);
    socket.write(`${head.replace("\r\n", "\r\nConnection: close\r\n")}\r\n\r\n`, "latin1");
    const text = await received;
    expect(text).not.toMatch(/^HTTP\/1.1 5/);
    expect(text).not.toContain("<html");
    expect(text).not.toMatch(/\bat .+\.(js|ts):\d+/);
    expect((await api.call("GET", "/healthz")).status).toBe(200);
  });
});
