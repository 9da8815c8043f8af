import { once } from "node:events";
import { connect, type Socket } from "node:net";
import express, { type NextFunction, type Request, type Response } from "express";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRouter, HttpService } from "../src/index.ts";
import { FakeDispatcher } from "./fake-dispatcher.ts";
import { LogWorld } from "./log-world.ts";

const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

describe("followers on one connection, each asked for before the last one was answered", () => {
  let world: LogWorld;
  beforeEach(async () => {
    world = await LogWorld.start();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  /** Asks for as many logs as may be followed, on one connection. Resolves when all are followed. */
  async function followTwice(...accept: readonly string[]): Promise<Socket> {
    const socket = await world.api.connect();
    for (const type of accept) {
      socket.write(`GET ${world.path}?follow=true HTTP/1.1\r\nHost: x\r\nAccept: ${type}\r\n\r\n`);
    }
    await vi.waitUntil(() => world.store.reads === accept.length, { timeout: 5_000, interval: 5 });
    const refused = await world.api.call("GET", `${world.path}?follow=true`);
    expect(refused).toMatchObject({ status: 503, body: { code: "too_many_followers" } });
    return socket;
  }

  it.each([
    ["text/plain", "text/plain"],
    ["text/plain", "text/event-stream"],
    ["text/event-stream", "text/plain"],
    ["text/event-stream", "text/event-stream"],
  ])("[HTTP-26] leave with it: %s, %s", async (...accept) => {
    const socket = await followTwice(...accept);
    await world.clock.advance(10_000);
    socket.destroy();
    await vi.waitUntil(() => world.clock.pendingTimers === 0, { timeout: 5_000, interval: 5 });
    const { reads } = world.store;
    await world.clock.advance(60_000);
    expect(world.store.reads).toBe(reads);
    const next = [await world.read("?follow=true"), await world.read("?follow=true")];
    expect(next.map(({ response }) => response.status)).toEqual([200, 200]);
  });

  it("[HTTP-26] are all answered, in order, when the task is done", async () => {
    const socket = await followTwice("text/plain", "text/event-stream");
    let answers = "";
    socket.setEncoding("utf8").on("data", (text: string) => (answers += text));
    await world.say("here\n");
    await world.finish();
    await world.clock.advance(2_000);
    await vi.waitUntil(() => answers.includes("event: end"), { timeout: 5_000, interval: 5 });
    expect(answers.match(/HTTP\/1\.1 200 OK|here|event: end/g)).toEqual([
      "HTTP/1.1 200 OK",
      "here",
      "HTTP/1.1 200 OK",
      "here",
      "event: end",
    ]);
    socket.destroy();
  });

  it("[HTTP-22] [HTTP-26] do not hold up a stop", async () => {
    const socket = await followTwice("text/event-stream", "text/plain");
    await world.api.service.stop();
    expect(world.clock.pendingTimers).toBe(0);
    socket.destroy();
  });
});

it("[HTTP-26] followers whose connection has broken before the router is asked are told so", async () => {
  const dispatcher = new FakeDispatcher();
  dispatcher.add();
  const app = express();
  let arrived = 0;
  // As an app may do that looks first at who asks.
  app.use(async (request: Request, _response: Response, next: NextFunction) => {
    arrived++;
    await once(request.socket, "close");
    next();
  });
  app.use(createRouter({ dispatcher, checks: { store: async () => true, broker: () => true } }));
  await using service = new HttpService({ port: 0, listener: () => app });
  await service.start();
  const socket = connect(service.address?.port ?? 0, "127.0.0.1");
  socket.write(`GET /task/${id}/logs?follow=true HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(2));
  await vi.waitUntil(() => arrived === 2, { timeout: 5_000, interval: 5 });
  socket.destroy();
  await vi.waitUntil(() => dispatcher.logsRead.length === 2, { timeout: 5_000, interval: 5 });
  expect(dispatcher.logsRead.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
});
