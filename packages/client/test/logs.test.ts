import { ManualClock } from "@mayfly/service/testing";
import { describe, expect, it } from "vitest";
import { ClientError, type LogPiece, MayflyClient } from "../src/index.ts";
import { problem, type Script, ScriptedFetch } from "./scripted-fetch.ts";
import { ended, said, ScriptedStream, type StreamEnd } from "./scripted-stream.ts";

const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const broken = new TypeError("fetch failed");

function stream(end: StreamEnd, ...chunks: readonly (string | Uint8Array)[]): Script {
  return new ScriptedStream(chunks, end).answer;
}

/** Reads a log of which the API says so much, and lets time pass until it has ended. */
async function read(
  options: { readonly from?: number; readonly follow?: boolean; readonly signal?: AbortSignal },
  ...script: readonly Script[]
): Promise<{
  readonly pieces: readonly LogPiece[];
  readonly text: string;
  readonly error: unknown;
  readonly server: ScriptedFetch;
  readonly clock: ManualClock;
  readonly queries: readonly string[];
}> {
  const server = new ScriptedFetch(...script);
  const clock = new ManualClock();
  const client = new MayflyClient({ baseUrl: "http://mayfly.example/api/", fetch: server.fetch, clock });
  const pieces: LogPiece[] = [];
  let hasEnded = false;
  const reading = (async () => {
    for await (const piece of client.logs(id, options)) pieces.push(piece);
  })()
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    .finally(() => (hasEnded = true));
  while (!hasEnded) await clock.advance(1_000);
  return {
    pieces,
    text: pieces.map(({ text }) => text).join(""),
    error: await reading,
    server,
    clock,
    queries: server.requests.map(({ url }) => new URL(url).search),
  };
}

describe("MayflyClient.logs", () => {
  it("[CLIENT-8] gives the pieces that come, with the place to go on at, up to the end", async () => {
    const script = stream("open", said("one\n", 4), said("two\n", 8), ended(8, false));
    const { pieces, error, server, clock } = await read({}, script);
    expect(error).toBeUndefined();
    expect(pieces).toEqual([
      { text: "one\n", next: 4 },
      { text: "two\n", next: 8 },
    ]);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: "GET",
      url: `http://mayfly.example/api/task/${id}/logs?from=0&follow=false`,
    });
    expect(server.requests[0]?.headers.get("Accept")).toBe("text/event-stream");
    expect(clock.pendingTimers).toBe(0);
  });

  it("[CLIENT-8] puts characters and events together that come in pieces", async () => {
    const bytes = new TextEncoder().encode(`:\n\n${said("aä€😀\r\n", 12)}event: other\ndata: 1\n\n${ended(12)}`);
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const { pieces, error } = await read({ follow: true }, stream("closed", ...chunks));
    expect(error).toBeUndefined();
    expect(pieces).toEqual([{ text: "aä€😀\r\n", next: 12 }]);
  });

  it("[CLIENT-9] takes a follow up where it was, until the task is done", async () => {
    const { text, error, queries } = await read(
      { follow: true, from: 7 },
      stream("closed", said("one\n", 11)),
      broken,
      stream("broken", said("two\n", 15), 'event: log\nid: 99\ndata: {"text":"half'),
      problem(503, "store_unavailable", { "Retry-After": "7" }),
      stream("closed"),
      stream("open", said("three\n", 21), ended(21)),
    );
    expect(error).toBeUndefined();
    expect(text).toBe("one\ntwo\nthree\n");
    expect(queries).toEqual([7, 11, 11, 15, 15, 15].map((from) => `?from=${from}&follow=true`));
  });

  it("[CLIENT-9] pauses before it comes back, and longer each time that brings nothing", async () => {
    const times: number[] = [];
    const clock = new ManualClock();
    const server = new ScriptedFetch(() => {
      times.push(clock.monotonicMs());
      return Promise.reject(broken);
    });
    const client = new MayflyClient({ baseUrl: "http://mayfly.example", fetch: server.fetch, clock, maxAttempts: 9 });
    let hasEnded = false;
    const failed = client
      .logs(id, { follow: true })
      .next()
      .catch((thrown: unknown) => thrown)
      .finally(() => (hasEnded = true));
    while (!hasEnded) await clock.advance(100);
    expect(await failed).toMatchObject({ code: "unreachable" });
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(pauses).toHaveLength(8);
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(1_000);
      expect(pause).toBeLessThanOrEqual(1_100 + Math.min(10_000, 500 * 2 ** index));
    }
  });

  it("[CLIENT-9] gives up after 5 in a row that brought nothing, and counts anew after one that did", async () => {
    const nothing = [broken, stream("closed"), broken, stream("closed", ":\n\n")];
    const { error, server, text } = await read(
      { follow: true },
      ...nothing,
      stream("broken", said("one\n", 4)),
      ...nothing,
      stream("closed"),
    );
    expect(text).toBe("one\n");
    expect(error).toMatchObject({ code: "unreachable", message: expect.stringContaining("before the log did") });
    expect(server.requests).toHaveLength(10);
  });

  it("[CLIENT-9] does not count a quiet connection that has lasted", async () => {
    const clock = new ManualClock();
    const quiet: Script = async ({ signal }) => {
      const { answer } = new ScriptedStream([":\n\n"], "closed");
      await clock.sleep(20_000, { signal });
      return answer({ method: "GET", url: "", headers: new Headers(), body: undefined, signal });
    };
    const server = new ScriptedFetch(...Array.from({ length: 9 }, () => quiet), stream("open", ended(0)));
    const client = new MayflyClient({ baseUrl: "http://mayfly.example", fetch: server.fetch, clock });
    let result: IteratorResult<LogPiece> | undefined;
    void client
      .logs(id, { follow: true })
      .next()
      .then((next) => (result = next));
    while (result === undefined) await clock.advance(1_000);
    expect(result.done).toBe(true);
    expect(server.requests).toHaveLength(10);
  });

  it.each([
    [404, "unknown_task", 1],
    [422, "invalid_request", 1],
    [500, "internal", 1],
    [503, "too_many_followers", 5],
  ])("[CLIENT-10] fails with %i %s after %i requests", async (status, code, requests) => {
    const { error, server, pieces } = await read({}, problem(status, code));
    expect(ClientError.is(error)).toBe(true);
    expect(error).toMatchObject({ code, status, problem: { code } });
    expect(server.requests).toHaveLength(requests);
    expect(pieces).toEqual([]);
  });

  it.each([
    ["text", new Response("one\n", { headers: { "Content-Type": "text/plain" } })],
    ["a page", new Response("<html>", { headers: { "Content-Type": "text/html" } })],
    ["no place", stream("open", 'event: log\ndata: {"text":"a"}\n\n')],
    ["a place that is none", stream("open", 'event: log\nid: -1\ndata: {"text":"a"}\n\n')],
    ["no text", stream("open", "event: log\nid: 1\ndata: {}\n\n")],
    ["no JSON", stream("open", "event: log\nid: 1\ndata: {\n\n")],
  ])("[CLIENT-10] does not take %s for a log", async (_name, script) => {
    const { error, server } = await read({ follow: true }, script);
    expect(error).toMatchObject({ code: "unexpected_answer", status: 200 });
    expect(server.requests).toHaveLength(1);
  });

  it("[CLIENT-10] ends with its caller's signal: before, while it waits, in a pause", async () => {
    const never = await read({ signal: AbortSignal.abort("enough") }, broken);
    expect(never.error).toMatchObject({ code: "aborted", cause: "enough" });
    expect(never.server.requests).toEqual([]);

    const caller = new AbortController();
    const answer = new ScriptedStream([said("one\n", 4)], "open");
    const waiting: Script = (request) => {
      queueMicrotask(() => setImmediate(() => caller.abort("enough")));
      return answer.answer(request);
    };
    const cut = await read({ follow: true, signal: caller.signal }, waiting);
    expect(cut.error).toMatchObject({ code: "aborted", cause: "enough" });
    expect(answer.isLeft).toBe(true);
    expect(cut.clock.pendingTimers).toBe(0);

    const late = new AbortController();
    const failing: Script = () => {
      setImmediate(() => late.abort());
      return problem(503, "store_unavailable", { "Retry-After": "30" });
    };
    const paused = await read({ follow: true, signal: late.signal }, failing);
    expect(paused.error).toMatchObject({ code: "aborted" });
    expect(paused.server.requests).toHaveLength(1);
    expect(paused.clock.monotonicMs()).toBeLessThan(10_000);
  });

  it("[CLIENT-10] closes the connection when its caller leaves the loop", async () => {
    const answer = new ScriptedStream([said("one\n", 4), said("two\n", 8)], "open");
    const clock = new ManualClock();
    const client = new MayflyClient({
      baseUrl: "http://mayfly.example",
      fetch: new ScriptedFetch(answer.answer).fetch,
      clock,
    });
    for await (const { text } of client.logs(id, { follow: true })) {
      expect(text).toBe("one\n");
      break;
    }
    expect(answer.isLeft).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[CLIENT-11] gives a connection up on which nothing comes, and comes back", async () => {
    const silent = new ScriptedStream([said("one\n", 4)], "open");
    const { text, clock, queries } = await read(
      { follow: true },
      silent.answer,
      stream("open", said("two\n", 8), ended(8)),
    );
    expect(text).toBe("one\ntwo\n");
    expect(silent.isLeft).toBe(true);
    expect(queries).toEqual(["?from=0&follow=true", "?from=4&follow=true"]);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(46_000);
    expect(clock.monotonicMs()).toBeLessThan(50_000);
  });

  it("[CLIENT-11] has patience with a caller who takes long, and with an API that has nothing to say", async () => {
    const clock = new ManualClock();
    const server = new ScriptedFetch(stream("open", said("one\n", 4), said("two\n", 8), ended(8)));
    const client = new MayflyClient({ baseUrl: "http://mayfly.example", fetch: server.fetch, clock });
    const pieces = client.logs(id, { follow: true });
    await pieces.next();
    await clock.advance(3_600_000);
    expect(await pieces.next()).toMatchObject({ value: { text: "two\n" } });
    expect(await pieces.next()).toMatchObject({ done: true });
    expect(server.requests).toHaveLength(1);
  });
});

describe("MayflyClient.logText", () => {
  it("[CLIENT-12] gives all of it, also over a connection that drops", async () => {
    const clock = new ManualClock();
    const server = new ScriptedFetch(
      stream("broken", said("one\n", 4)),
      stream("closed", said("two\n", 8), ended(8, false)),
    );
    const client = new MayflyClient({ baseUrl: "http://mayfly.example", fetch: server.fetch, clock });
    let text: string | undefined;
    void client.logText(id).then((all) => (text = all));
    while (text === undefined) await clock.advance(100);
    expect(text).toBe("one\ntwo\n");
  });

  it("[CLIENT-12] is undefined for a task that there is not", async () => {
    const server = new ScriptedFetch(problem(404, "unknown_task"));
    const client = new MayflyClient({ baseUrl: "http://mayfly.example", fetch: server.fetch });
    expect(await client.logText(id)).toBeUndefined();
  });
});
