import type { Socket } from "node:net";
import type { LogPiece } from "@mayfly/dispatcher";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LogWorld } from "./log-world.ts";
import { TestApi } from "./test-api.ts";

const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const events = { Accept: "text/event-stream" };

describe("GET /task/{id}/logs", () => {
  let world: LogWorld;
  beforeEach(async () => {
    world = await LogWorld.start();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  describe("as text", () => {
    it("[HTTP-17] answers with what is there and where it goes on", async () => {
      const empty = await world.api.call("GET", world.path);
      expect(empty.headers.get("Mayfly-Log-Next")).toBe("0");
      expect(empty.body).toEqual({ text: "" });
      await world.say("grüß\n€\0 <b>");
      const { headers, body } = await world.api.call("GET", world.path);
      expect(body).toEqual({ text: "grüß\n€\0 <b>" });
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
        "content-length": "15",
        "mayfly-log-next": "15",
      });
    });

    it.each([
      ["?from=7", "€!", 11],
      ["?from=8", "!", 11],
      ["?from=11", "", 11],
      ["?from=999999999&follow=false", "", 11],
    ])("[HTTP-17] begins where it is told to: %s", async (query, text, next) => {
      await world.say("grüß\n€!");
      const { headers, body } = await world.api.call("GET", `${world.path}${query}`);
      expect([body["text"], headers.get("Mayfly-Log-Next")]).toEqual([text, String(next)]);
    });

    it("[HTTP-17] gives all of a log that is as long as it may be, and one of a task that is done", async () => {
      await world.say("€".repeat(400_000));
      await world.finish();
      const { headers, body } = await world.api.call("GET", world.path);
      expect(body["text"]).toMatch(/^€{349525}\n--- the log is cut here/);
      expect(headers.get("Mayfly-Log-Next")).toBe(String(Buffer.byteLength(body["text"] as string)));
    });

    it("[HTTP-18] follows until the task is done", async () => {
      await world.say("one\n");
      const stream = await world.read("?follow=true&from=1");
      expect(await stream.until("\n")).toBe("ne\n");
      await world.say("zwölf\n");
      await world.clock.advance(2_000);
      expect(await stream.until("zwölf\n")).toBe("ne\nzwölf\n");
      await world.say("last\n");
      await world.finish();
      await world.clock.advance(2_000);
      expect(await stream.ended()).toBe("whole");
      expect(stream.text).toBe("ne\nzwölf\nlast\n");
      expect(Object.fromEntries(stream.response.headers)).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store, no-transform",
      });
      expect(stream.response.headers.has("Mayfly-Log-Next")).toBe(false);
      expect(world.clock.pendingTimers).toBe(0);
    });

    it("[HTTP-18] answers at once although nothing has been said", async () => {
      const stream = await world.read("?follow=true");
      expect(stream.response.status).toBe(200);
      await world.finish();
      await world.clock.advance(2_000);
      expect(await stream.ended()).toBe("whole");
    });

    it("[HTTP-18] goes on when a store that was away is back, and is cut when it stays away", async () => {
      const stream = await world.read("?follow=true");
      world.store.isAway = true;
      await world.clock.advance(20_000);
      world.store.isAway = false;
      await world.say("back\n");
      await world.clock.advance(2_000);
      await stream.until("back\n");
      world.store.isAway = true;
      await world.clock.advance(40_000);
      expect(await stream.ended()).toBe("cut");
      expect(world.api.logger.entries.filter(({ level }) => level === "error")).toEqual([]);
    });
  });

  describe("as events", () => {
    it("[HTTP-19] sends pieces with the place to resume at, and an end", async () => {
      await world.say("one\ntwo\r\n€");
      const stream = await world.read("", events);
      expect(await stream.ended()).toBe("whole");
      expect(stream.response.headers.get("Content-Type")).toBe("text/event-stream; charset=utf-8");
      expect(stream.text).toBe(
        'event: log\nid: 12\ndata: {"text":"one\\ntwo\\r\\n€"}\n\nevent: end\nid: 12\ndata: {"done":false}\n\n',
      );
    });

    it("[HTTP-19] follows until the task is done", async () => {
      const stream = await world.read("?follow=true", events);
      await world.say("one\n");
      await world.clock.advance(2_000);
      await stream.until('event: log\nid: 4\ndata: {"text":"one\\n"}\n\n');
      await world.finish();
      await world.clock.advance(2_000);
      expect(await stream.ended()).toBe("whole");
      expect(stream.text).toMatch(/\n\nevent: end\nid: 4\ndata: \{"done":true\}\n\n$/);
    });

    it("[HTTP-19] resumes at Last-Event-ID, whatever `from` says", async () => {
      await world.say("one\ntwo\n");
      const stream = await world.read("?from=7", { ...events, "Last-Event-ID": "4" });
      await stream.ended();
      expect(stream.text).toContain('id: 8\ndata: {"text":"two\\n"}');
    });

    it("[HTTP-19] sends a comment after 15 seconds of silence", async () => {
      const stream = await world.read("?follow=true", events);
      await stream.until(":\n\n");
      await world.clock.advance(14_999);
      await world.say("one");
      await world.clock.advance(2_000);
      await stream.until("}\n\n");
      const before = stream.text;
      await world.clock.advance(15_000);
      expect(await stream.until(":\n\n")).toBe(`${before}:\n\n`);
      await world.clock.advance(15_000);
      expect(await stream.until(":\n\n:\n\n")).toBe(`${before}:\n\n:\n\n`);
    });

    it("[HTTP-19] leaves the end out when the store stays away, so that the client comes back", async () => {
      const stream = await world.read("?follow=true", events);
      world.store.isAway = true;
      await world.clock.advance(40_000);
      await stream.ended();
      expect(stream.text).not.toContain("event: end");
    });
  });

  it.each([
    ["text/event-stream", "text/event-stream"],
    ["text/*, text/event-stream;q=0.5", "text/plain"],
    ["text/plain;q=0.1, text/event-stream", "text/event-stream"],
    ["application/json", "text/plain"],
    ["*/*", "text/plain"],
  ])("[HTTP-19] answers Accept: %s with %s", async (accept, mediaType) => {
    const { headers } = await world.api.call("GET", world.path, { headers: { Accept: accept } });
    expect(headers.get("Content-Type")).toBe(`${mediaType}; charset=utf-8`);
  });

  it.each([
    ["from=-1", "from"],
    ["from=1.5", "from"],
    ["from=0x1", "from"],
    ["from=", "from"],
    ["from=1&from=2", "from"],
    ["from=1234567890", "from"],
    ["follow=yes", "follow"],
    ["follow=", "follow"],
    ["folow=true", "folow"],
  ])("[HTTP-20] refuses ?%s", async (query, path) => {
    const answer = await world.api.call("GET", `${world.path}?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request", errors: [{ path }] } });
  });

  it("[HTTP-20] refuses a Last-Event-ID that no event had", async () => {
    const answer = await world.api.call("GET", world.path, { headers: { "Last-Event-ID": "abc" } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: "Last-Event-ID" }] } });
  });

  it.each(["", "?follow=true"])("[HTTP-20] says%s that there is no such task, or no store", async (query) => {
    for (const unknown of [id, "1"]) {
      for (const headers of [{}, events]) {
        const answer = await world.api.call("GET", `/task/${unknown}/logs${query}`, { headers });
        expect(answer).toMatchObject({ status: 404, body: { code: "unknown_task" } });
      }
    }
    world.store.isAway = true;
    for (const headers of [{}, events]) {
      const answer = await world.api.call("GET", `${world.path}${query}`, { headers });
      expect(answer).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
    }
  });

  it.each([
    ["?follow=true&from=4", {}],
    ["?follow=true&from=4", events],
    ["?follow=true", { ...events, "Last-Event-ID": "4" }],
  ])("[HTTP-25] lets a follower who resumes wait for a store or a task that is away: %s %j", async (query, headers) => {
    await world.say("one\ntwo\n");
    world.store.isAway = true;
    const coming = world.read(query, headers);
    await vi.waitUntil(() => world.clock.pendingTimers > 0, { timeout: 5_000, interval: 5 });
    await world.clock.advance(5_000);
    world.store.isAway = false;
    await world.clock.advance(2_000);
    const stream = await coming;
    expect(stream.response.status).toBe(200);
    await world.finish();
    await world.clock.advance(2_000);
    expect(await stream.ended()).toBe("whole");
    expect(stream.text).toMatch(/\btwo\b/);
    expect(stream.text).not.toMatch(/\bone\b/);
  });

  it("[HTTP-25] tells a follower who resumes after ten seconds that there is no such task", async () => {
    const coming = world.api.call("GET", `/task/${id}/logs?follow=true&from=4`, { headers: events });
    await vi.waitUntil(() => world.clock.pendingTimers > 0, { timeout: 5_000, interval: 5 });
    await world.clock.advance(12_000);
    expect(await coming).toMatchObject({ status: 404, body: { code: "unknown_task" } });
  });

  it("[HTTP-20] refuses more followers than there may be, until one has left", async () => {
    const [first, second] = [await world.read("?follow=true"), await world.read("?follow=true", events)];
    const refused = await world.api.call("GET", `${world.path}?follow=true`);
    expect(refused).toMatchObject({ status: 503, body: { code: "too_many_followers" } });
    expect((await world.api.call("GET", world.path)).status).toBe(200);
    first.leave();
    await vi.waitUntil(() => world.clock.pendingTimers <= 2, { timeout: 5_000, interval: 5 });
    expect((await world.read("?follow=true")).response.status).toBe(200);
    second.leave();
  });

  it("[HTTP-20] answers HEAD like GET, at once and without a body", async () => {
    await world.say("one\n");
    const text = await world.api.call("HEAD", world.path);
    expect([text.status, text.headers.get("Mayfly-Log-Next"), text.headers.get("Content-Length")]).toEqual([
      200,
      "4",
      "4",
    ]);
    for (const headers of [{}, events]) {
      expect((await world.api.call("HEAD", `${world.path}?follow=true`, { headers })).status).toBe(200);
    }
    expect(await world.api.call("POST", world.path)).toMatchObject({ status: 405 });
    expect(world.clock.pendingTimers).toBe(0);
    // Both places are free again.
    expect((await world.read("?follow=true")).response.status).toBe(200);
    expect((await world.read("?follow=true")).response.status).toBe(200);
  });

  it.each([{}, events])("[HTTP-21] ends its work when the client leaves (%j)", async (headers) => {
    const stream = await world.read("?follow=true", headers);
    await world.clock.advance(10_000);
    stream.leave();
    await vi.waitUntil(() => world.clock.pendingTimers === 0, { timeout: 5_000, interval: 5 });
    const { reads } = world.store;
    await world.clock.advance(60_000);
    expect(world.store.reads).toBe(reads);
  });

  it("[HTTP-22] ends what is followed when the service stops", async () => {
    await world.say("one\n");
    const text = await world.read("?follow=true");
    const stream = await world.read("?follow=true", events);
    await text.until("one\n");
    const stopped = world.api.service.stop();
    expect([await text.ended(), await stream.ended()]).toEqual(["cut", "whole"]);
    expect(stream.text).not.toContain("event: end");
    await stopped;
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe("a client that is slow", () => {
  const piece: LogPiece = { text: "x".repeat(65_536), next: 0, isEnded: false };

  /** Asks for a log that never ends, and takes nothing of it. Resolves when the server gives no more. */
  async function stall(api: TestApi): Promise<{ readonly socket: Socket; readonly given: number }> {
    let given = 0;
    api.dispatcher.add();
    api.dispatcher.log = async function* () {
      for (;;) {
        given++;
        yield piece;
      }
    };
    const socket = (await api.connect()).pause();
    socket.write(`GET /task/${id}/logs?follow=true HTTP/1.1\r\nHost: x\r\n\r\n`);
    for (let before = -1; given === 0 || before !== given; ) {
      before = given;
      for (let turns = 0; turns < 50; turns++) await turn();
    }
    return { socket, given };
  }

  it("[HTTP-23] is given no more than it takes", async () => {
    await using api = await TestApi.start();
    const { socket, given } = await stall(api);
    // What the buffers of the two sockets take, and not the gigabytes that there are.
    expect(given).toBeLessThan(200);
    socket.destroy();
  });

  it("[HTTP-22] does not hold up a stop", async () => {
    const api = await TestApi.start({ stopGraceMs: 3_600_000 });
    const { socket } = await stall(api);
    await api.service.stop();
    socket.destroy();
  });
});

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
