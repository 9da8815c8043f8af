import { randomUUID } from "node:crypto";
import { type LogPiece, MayflyClient } from "@mayfly/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordingHandlers } from "./journal.ts";
import { System, until } from "./system.ts";

/** What is read of a log over HTTP, as it comes. */
class Following {
  text = "";
  /** How the answer ended: undefined as long as it has not. */
  end: "whole" | "cut" | undefined;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    void this.#read(url, headers).then(
      () => (this.end = "whole"),
      () => (this.end = "cut"),
    );
  }

  async #read(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const response = await fetch(url, { headers });
    if (response.body === null) return;
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) this.text += text;
  }
}

describe("GET /task/{id}/logs on real services", () => {
  let system: System;
  let instance: number;

  beforeAll(async () => {
    system = await System.start();
    instance = (await system.startScheduler(recordingHandlers)).pid;
  });

  afterAll(() => system[Symbol.asyncDispose]());

  function logOf(id: string, query = ""): string {
    return `${system.url}/task/${id}/logs${query}`;
  }

  it("[HTTP-17] [HTTP-18] [HTTP-19] shows what a task says while it runs, and its end", async () => {
    const id = await system.scheduled("say");
    const begun = `--- attempt 1, run 1 ---\nbegun by ${instance}\n`;
    const text = new Following(logOf(id, "?follow=true"));
    await until(async () => text.text === begun, "the follower has what the task has said");
    const events = new Following(logOf(id, `?follow=true&from=${begun.length}`), { Accept: "text/event-stream" });
    await until(async () => events.text !== "", "what has been said is there to go on from");
    expect([text.end, events.end]).toEqual([undefined, undefined]);
    await system.request("POST", `/task/${id}/abort`);
    await until(async () => text.end !== undefined && events.end !== undefined, "the followers have come to an end");
    const all = `${begun}told to stop: abort\n`;
    expect(text).toMatchObject({ text: all, end: "whole" });
    expect(events.text).toContain('data: {"text":"told to stop: abort\\n"}\n\n');
    expect(events.text).toContain(`event: end\nid: ${all.length}\ndata: {"done":true}\n\n`);
    const read = await fetch(logOf(id, `?from=${begun.length}`));
    expect(await read.text()).toBe("told to stop: abort\n");
    expect(read.headers.get("Mayfly-Log-Next")).toBe(String(all.length));
    expect((await fetch(logOf(randomUUID()))).status).toBe(404);
  });

  it("[HTTP-17] [CLIENT-12] gives all of a log that was cut because it is too long", async () => {
    const id = await system.scheduled("flood", { lines: 2_000 });
    await system.done(id);
    const text = await new MayflyClient({ baseUrl: system.url }).logText(id);
    expect(text).toMatch(/^--- attempt 1, run 1 ---\nx{999}\n[^]*x\n--- the log is cut here: .*\n$/);
    expect(await (await fetch(logOf(id))).text()).toBe(text);
  });

  it("[HTTP-22] [CLIENT-9] ends what is followed when the API stops, and the client goes on when it is back", async () => {
    const id = await system.scheduled("say");
    const begun = `--- attempt 1, run 1 ---\nbegun by ${instance}\n`;
    const pieces: LogPiece[] = [];
    const read = (): string => pieces.map((piece) => piece.text).join("");
    const client = new MayflyClient({ baseUrl: system.url, maxAttempts: 50 });
    const reading = (async () => {
      for await (const piece of client.logs(id, { follow: true })) pieces.push(piece);
    })();
    const text = new Following(logOf(id, "?follow=true"));
    await until(async () => read() === begun && text.text === begun, "both have what the task has said");
    expect(await system.latest("api").end()).toEqual({ code: 0, signal: null });
    await until(async () => text.end === "cut", "the connection of the one that cannot resume is cut");
    await system.startApp("api");
    await until(async () => (await fetch(`${system.url}/readyz`)).ok, "the API is ready again");
    await system.request("POST", `/task/${id}/abort`);
    await reading;
    expect(read()).toBe(`${begun}told to stop: abort\n`);
    expect(pieces.at(-1)?.next).toBe(read().length);
  });
});
