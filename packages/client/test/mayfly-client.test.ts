import { ManualClock } from "@mayfly/service/testing";
import type { TaskView } from "@mayfly/task";
import { describe, expect, it } from "vitest";
import { ClientError, MayflyClient } from "../src/index.ts";
import { json, problem, type Script, ScriptedFetch } from "./scripted-fetch.ts";

const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const running: TaskView = {
  id,
  scheduler: "hello",
  timeout: "2026-01-01T06:00:00.000Z",
  state: "running",
  attempt: 1,
  scheduledAt: "2026-01-01T00:00:00.000Z",
};
const done: TaskView = { ...running, state: "done", outcome: "complete" };
const task = { scheduler: "hello", attributes: { name: "Ada" } };
const broken = new TypeError("fetch failed");

interface Setup {
  readonly client: MayflyClient;
  readonly server: ScriptedFetch;
  readonly clock: ManualClock;
}

function setup(...script: Script[]): Setup {
  const server = new ScriptedFetch(...script);
  const clock = new ManualClock();
  const client = new MayflyClient({
    baseUrl: "http://mayfly.example/api/",
    fetch: server.fetch,
    clock,
    headers: { "X-A": "1" },
  });
  return { client, server, clock };
}

/** Lets time pass until the call has ended. */
async function inTime<T>(clock: ManualClock, call: Promise<T>): Promise<T> {
  let hasEnded = false;
  const ended = call.finally(() => (hasEnded = true));
  ended.catch(() => undefined);
  while (!hasEnded) await clock.advance(100);
  return ended;
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until so many requests have been sent. */
async function sent(server: ScriptedFetch, count: number): Promise<void> {
  while (server.requests.length < count) await turn();
}

describe("MayflyClient.schedule", () => {
  it.each([
    [201, "scheduled"],
    [202, "stored"],
    [200, "exists"],
  ])("[CLIENT-1] always sends an id; %i means %s", async (status, meaning) => {
    const { client, server } = setup(json(status, running));
    expect(await client.schedule(task)).toEqual({ status: meaning, task: running });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", url: "http://mayfly.example/api/task/schedule" });
    expect(request?.body).toMatchObject({ ...task, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect([request?.headers.get("Content-Type"), request?.headers.get("X-A")]).toEqual(["application/json", "1"]);
  });

  it("[CLIENT-1] repeats with the same id when the outcome is unknown", async () => {
    const { client, server, clock } = setup(
      broken,
      problem(503, "store_unavailable"),
      new Response("", { status: 504 }),
      json(200, running),
    );
    expect(await inTime(clock, client.schedule(task))).toMatchObject({ status: "exists" });
    const ids = server.requests.map(({ body }) => (body as { id: string }).id);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
  });

  it("[CLIENT-1] keeps the caller's id", async () => {
    const { client, server } = setup(json(201, running));
    await client.schedule({ ...task, id });
    expect(server.requests[0]?.body).toEqual({ ...task, id });
  });

  it.each([
    [400, "malformed_json"],
    [404, "unknown_scheduler"],
    [409, "task_conflict"],
    [413, "too_large"],
    [422, "invalid_task"],
    [500, "internal"],
  ])("[CLIENT-3] does not repeat %i, and says why", async (status, code) => {
    const { client, server } = setup(problem(status, code));
    const error = await client.schedule(task).catch((thrown: unknown) => thrown);
    expect(ClientError.is(error)).toBe(true);
    expect(error).toMatchObject({ code, status, message: `It is ${code}.`, problem: { code, status } });
    expect(server.requests).toHaveLength(1);
  });
});

describe("repeats", () => {
  it("[CLIENT-2] end after 5 attempts with what was last", async () => {
    const { client, server, clock } = setup(broken);
    const error = await inTime(clock, client.find(id)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "unreachable", cause: broken, status: undefined });
    expect(server.requests).toHaveLength(5);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[CLIENT-2] wait as long as the server asks, and not for ever", async () => {
    for (const [asked, leastMs, mostMs] of [
      ["7", 7_000, 7_300],
      ["86400", 30_000, 30_300],
      ["-5", 0, 300],
      ["Wed, 21 Oct 2026 07:28:00 GMT", 0, 300],
    ] as const) {
      const { client, server, clock } = setup(
        problem(503, "store_unavailable", { "Retry-After": asked }),
        json(200, running),
      );
      const call = client.find(id);
      await sent(server, 1);
      await clock.advance(leastMs - 1);
      if (leastMs > 0) expect(server.requests).toHaveLength(1);
      await clock.advance(mostMs - leastMs + 1);
      await sent(server, 2);
      await call;
    }
  });

  it("[CLIENT-2] are spread: the times between them differ, and grow", async () => {
    const gaps = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const times: number[] = [];
        const { client, clock } = setup(() => {
          times.push(clock.now());
          return Promise.reject(broken);
        });
        const call = client.find(id).catch(() => undefined);
        for (let step = 0; step < 200; step++) await clock.advance(20);
        await call;
        return times.slice(1).map((time, index) => time - (times[index] as number));
      }),
    );
    expect(new Set(gaps.map(([first]) => first)).size).toBeGreaterThan(1);
    expect(Math.max(...gaps.map(([first]) => first as number))).toBeLessThanOrEqual(220);
    expect(Math.max(...gaps.map((gap) => gap.at(-1) as number))).toBeGreaterThan(220);
  });

  it("[CLIENT-2] stop when the signal fires, also between two of them", async () => {
    const { client, server, clock } = setup(broken);
    const stop = new AbortController();
    const call = client.schedule(task, { signal: stop.signal }).catch((thrown: unknown) => thrown);
    await sent(server, 1);
    await turn();
    stop.abort(new Error("enough"));
    expect(await call).toMatchObject({ code: "aborted", cause: new Error("enough") });
    expect(server.requests).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[CLIENT-2] stop a request under way when the signal fires, and send none if it has fired", async () => {
    const { client, server } = setup(
      ({ signal }) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("cut")))),
    );
    const stop = new AbortController();
    const call = client.find(id, { signal: stop.signal }).catch((thrown: unknown) => thrown);
    await sent(server, 1);
    stop.abort();
    expect(await call).toMatchObject({ code: "aborted" });
    await expect(client.find(id, { signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
    expect(server.requests).toHaveLength(1);
  });

  it("[CLIENT-2] cut a request that is not answered in time", async () => {
    const hang: Script = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("cut"))));
    const { client, server, clock } = setup(hang, json(200, running));
    const call = client.find(id);
    await sent(server, 1);
    await clock.advance(29_999);
    expect(server.requests[0]?.signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(server.requests[0]?.signal?.aborted).toBe(true);
    expect(await inTime(clock, call)).toEqual(running);
  });

  it("[CLIENT-2] are not made of a deregistration", async () => {
    const { client, server } = setup(broken);
    await expect(client.deregister("hello")).rejects.toMatchObject({ code: "unreachable" });
    expect(server.requests).toHaveLength(1);
  });
});

describe("answers", () => {
  it("[CLIENT-3] are undefined where there is no such task or scheduler", async () => {
    expect(await setup(problem(404, "unknown_task")).client.find(id)).toBeUndefined();
    expect(await setup(problem(404, "unknown_task")).client.wait(id)).toBeUndefined();
    expect(await setup(problem(404, "unknown_scheduler")).client.findScheduler("hello")).toBeUndefined();
    await expect(setup(problem(404, "not_found")).client.find(id)).rejects.toMatchObject({ code: "not_found" });
  });

  it.each([
    ["a page of HTML", new Response("<html></html>", { status: 200 })],
    ["another JSON", json(200, { hello: "world" })],
    ["a status that is not declared", json(207, running)],
    ["a problem of another kind", json(418, { title: "teapot" })],
  ])("[CLIENT-3] that are %s are told from Mayfly's", async (_name, answer) => {
    await expect(setup(answer).client.find(id)).rejects.toMatchObject({
      code: "unexpected_answer",
      status: answer.status,
    });
  });

  it("escape what stands in a path, and leave out what is not asked for", async () => {
    const { client, server } = setup(problem(404, "unknown_task"), json(200, { tasks: [] }));
    await client.find("../tasks?x");
    await client.list({ scheduler: "a&b", limit: 5 });
    expect(server.requests.map(({ url }) => url)).toEqual([
      "http://mayfly.example/api/task/..%2Ftasks%3Fx",
      "http://mayfly.example/api/tasks?scheduler=a%26b&limit=5",
    ]);
  });
});

describe("MayflyClient.wait", () => {
  it("[CLIENT-4] asks again until the task is done", async () => {
    const clock = new ManualClock();
    const slow: Script = async () => {
      await clock.advance(60_000);
      return json(200, running);
    };
    const server = new ScriptedFetch(slow, slow, json(200, done));
    const client = new MayflyClient({ baseUrl: "http://mayfly.example", fetch: server.fetch, clock });
    expect(await client.wait(id)).toEqual(done);
    expect(server.requests.map(({ url }) => url)).toEqual(Array(3).fill(`http://mayfly.example/task/${id}?wait=60`));
  });

  it("[CLIENT-4] gives the present state when its time is over", async () => {
    const clock = new ManualClock();
    const server = new ScriptedFetch(async ({ url }) => {
      await clock.advance(Number(new URL(url).searchParams.get("wait")) * 1_000);
      return json(200, running);
    });
    const client = new MayflyClient({ baseUrl: "http://mayfly.example", fetch: server.fetch, clock });
    expect(await client.wait(id, { timeoutMs: 90_500 })).toEqual(running);
    expect(server.requests.map(({ url }) => new URL(url).search)).toEqual(["?wait=60", "?wait=30.5"]);
    expect(await client.wait(id, { timeoutMs: 0 })).toEqual(running);
    expect(server.requests.at(-1)?.url).toBe(`http://mayfly.example/task/${id}`);
  });

  it("[CLIENT-4] does not press a server that answers at once", async () => {
    const { client, server, clock } = setup(json(200, running));
    const stop = new AbortController();
    const call = client.wait(id, { signal: stop.signal }).catch((thrown: unknown) => thrown);
    await clock.advance(10_000);
    expect(server.requests.length).toBeGreaterThan(5);
    expect(server.requests.length).toBeLessThan(15);
    stop.abort();
    expect(await call).toMatchObject({ code: "aborted" });
  });

  it("[CLIENT-4] lets the server take the time of the wait on top of its own", async () => {
    const { client, server, clock } = setup(() => new Promise(() => undefined));
    client.wait(id).catch(() => undefined);
    await sent(server, 1);
    await clock.advance(89_999);
    expect(server.requests[0]?.signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(server.requests[0]?.signal?.aborted).toBe(true);
  });
});

describe("MayflyClient.listAll", () => {
  it("[CLIENT-5] goes through the pages, and stops where its reader does", async () => {
    const page = (n: number, cursor?: string): Response =>
      json(200, {
        tasks: [
          { ...running, attempt: n },
          { ...running, attempt: n + 1 },
        ],
        ...(cursor && { cursor }),
      });
    const { client, server } = setup(page(1, "c1"), page(3, "c2"), page(5));
    const attempts: unknown[] = [];
    for await (const { attempt } of client.listAll({ state: "running" })) attempts.push(attempt);
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6]);
    expect(server.requests.map(({ url }) => new URL(url).search)).toEqual([
      "?state=running",
      "?state=running&cursor=c1",
      "?state=running&cursor=c2",
    ]);
    const endless = setup(page(1, "again"));
    for await (const _ of endless.client.listAll()) break;
    expect(endless.server.requests).toHaveLength(1);
  });
});

describe("MayflyClient.scheduleAll", () => {
  it("[CLIENT-6] sends at most 1,000 at a time, each with an id, and gives the results in order", async () => {
    const accept: Script = ({ body }) => {
      const { tasks } = body as { tasks: { id: string }[] };
      return json(200, { results: tasks.map((sentTask) => ({ status: 201, task: { ...running, id: sentTask.id } })) });
    };
    const { client, server } = setup(accept);
    const results = await client.scheduleAll(Array.from({ length: 2_500 }, () => task));
    const sentIds = server.requests.flatMap(({ body }) =>
      (body as { tasks: { id: string }[] }).tasks.map((one) => one.id),
    );
    expect(server.requests).toHaveLength(3);
    expect(new Set(sentIds).size).toBe(2_500);
    expect(results.map((result) => "task" in result && result.task.id)).toEqual(sentIds);
    expect(await client.scheduleAll([])).toEqual([]);
  });

  it("[CLIENT-6] repeats a batch with the same ids", async () => {
    const { client, server, clock } = setup(
      problem(503, "store_unavailable"),
      json(200, { results: [{ status: 201, task: running }] }),
    );
    await inTime(clock, client.scheduleAll([task]));
    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
  });
});

describe("MayflyClient.abort, register, deregister", () => {
  const scheduler = { name: "hello", tasks: { scheduled: 0, running: 0 }, instances: [] };

  it("say what came of it", async () => {
    const aborting = setup(json(202, running));
    expect(await aborting.client.abort(id, { reason: "why" })).toEqual({ answer: "aborting", task: running });
    expect(aborting.server.requests[0]).toMatchObject({
      url: `http://mayfly.example/api/task/${id}/abort`,
      body: { reason: "why" },
    });
    expect(await setup(json(200, done)).client.abort(id)).toEqual({ answer: "ended", task: done });
    const registering = setup(json(201, scheduler));
    expect(await registering.client.register("hello", { description: "d" })).toEqual({ created: true, scheduler });
    expect(registering.server.requests[0]).toMatchObject({ method: "PUT", body: { description: "d" } });
    expect(await setup(json(200, scheduler)).client.register("hello")).toEqual({ created: false, scheduler });
    expect(await setup(json(200, { schedulers: [scheduler] })).client.schedulers()).toEqual([scheduler]);
    expect(await setup(new Response(null, { status: 204 })).client.deregister("hello")).toBeUndefined();
    await expect(setup(problem(409, "scheduler_busy")).client.deregister("hello")).rejects.toMatchObject({
      code: "scheduler_busy",
    });
  });
});
