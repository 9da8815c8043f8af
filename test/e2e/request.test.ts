import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, System, until } from "./system.ts";

describe("the API on real services", () => {
  let system: System;

  beforeAll(async () => {
    system = await System.start();
    await system.startScheduler();
  });

  afterAll(() => system[Symbol.asyncDispose]());

  const hello = { scheduler: "hello", attributes: { handler: "hello", name: "Ada" } };

  function post(body: unknown): Promise<Answer> {
    return system.request("POST", "/task/schedule", body);
  }

  /** Posts under a new id, again if need be, until 201 is the answer: a broker that is busy may confirm too late for it. */
  async function created(body: object): Promise<{ readonly id: string; readonly answer: Answer }> {
    for (let tries = 1; ; tries++) {
      const id = randomUUID();
      const answer = await post({ ...body, id });
      if (answer.status !== 202 || tries === 10) return { id, answer };
    }
  }

  it("[E2E-6] refuses an unknown scheduler and stores nothing", async () => {
    const id = randomUUID();
    const answer = await post({ ...hello, id, scheduler: "nobody" });
    expect([answer.status, answer.body["code"]]).toEqual([404, "unknown_scheduler"]);
    expect((await system.request("GET", `/task/${id}`)).status).toBe(404);
  });

  it("[E2E-6] takes the same id once, and refuses it with other content", async () => {
    const { id, answer: first } = await created(hello);
    expect(first.status).toBe(201);
    expect(first.headers.get("location")).toBe(`/task/${id}`);
    expect((await post({ ...hello, id })).status).toBe(200);
    await system.done(id);
    const afterwards = await post({ attributes: { name: "Ada", handler: "hello" }, scheduler: "hello", id });
    expect(afterwards.status).toBe(200);
    expect(afterwards.body).toMatchObject({ id, state: "done", attempt: 1 });
    const conflict = await post({ ...hello, id, attributes: {} });
    expect([conflict.status, conflict.body["code"]]).toEqual([409, "task_conflict"]);
  });

  function nested(depth: number): string {
    return `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  }

  const bad: readonly [string, unknown, number, string, string?][] = [
    ["broken JSON", "{", 400, "malformed_json"],
    ["JSON that is no object", "[]", 422, "invalid_task"],
    ["a wrong type", { ...hello, attributes: "text" }, 422, "invalid_task", "attributes"],
    ["an unknown member", { ...hello, priority: 5 }, 422, "invalid_task", "priority"],
    ["a time without a zone", { ...hello, timeout: "2126-12-01T10:00:00" }, 422, "invalid_task", "timeout"],
    ["a time in the past", { ...hello, timeout: "2020-12-01T10:00:00Z" }, 422, "invalid_task", "timeout"],
    ["a depth of 33", `{"scheduler":"hello","attributes":${nested(33)}}`, 422, "invalid_task", "attributes"],
    ["1.1 MiB", { ...hello, attributes: { text: "x".repeat(1.1 * 1024 * 1024) } }, 413, "too_large"],
    ["__proto__", '{"scheduler":"hello","attributes":{"a":{"__proto__":{}}}}', 422, "invalid_task", "attributes"],
  ];

  it.each(bad)("[E2E-6] refuses %s", async (_what, body, status, code, path) => {
    const answer = await post(body);
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    if (path === undefined) return;
    const errors = answer.body["errors"] as readonly { path: string }[];
    expect(errors.map((error) => String(error.path)).join(" ")).toContain(path);
  });

  it("[E2E-6] takes a depth of 32", async () => {
    const body = JSON.parse(`{"scheduler":"hello","attributes":${nested(32)}}`) as object;
    expect((await created(body)).answer.status).toBe(201);
  });

  it("[E2E-8] schedules a batch, in which one bad task fails alone", async () => {
    const tasks = [hello, { ...hello, scheduler: "nobody" }, { ...hello, attributes: 1 }, hello];
    let results: readonly { readonly status: number; readonly task?: { readonly id: string } }[] = [];
    await until(async () => {
      const answer = await system.request("POST", "/tasks/schedule", { tasks });
      expect(answer.status).toBe(200);
      results = answer.body["results"] as typeof results;
      return results.every(({ status }) => status !== 202);
    }, "the broker, which may be busy, confirms in time for 201");
    expect(results.map(({ status }) => status)).toEqual([201, 404, 422, 201]);
    expect(await system.done(results[3]?.task?.id ?? "")).toMatchObject({
      outcome: "complete",
      result: { greeting: "Hello, Ada!" },
    });
  });

  it("[E2E-8] lists live tasks page by page, and shows and removes schedulers", async () => {
    await system.request("PUT", "/scheduler/listed", { description: "nobody takes these" });
    const ids: string[] = [];
    for (let count = 0; count < 7; count++) {
      ids.push(String((await post({ scheduler: "listed", attributes: {} })).body["id"]));
    }
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await system.request(
        "GET",
        `/tasks?scheduler=listed&limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      seen.push(...(page.body["tasks"] as readonly { id: string }[]).map((task) => task.id));
      cursor = typeof page.body["cursor"] === "string" ? page.body["cursor"] : "";
    } while (cursor !== "");
    expect([...seen].sort()).toEqual([...ids].sort());
    let listed: Answer["body"] = {};
    await until(async () => {
      listed = (await system.request("GET", "/scheduler/listed")).body;
      // A broker that is busy may not say so at the first time of asking, or have confirmed all of them.
      const { queue } = listed as { readonly queue?: { readonly ready: number } };
      return queue?.ready === ids.length;
    }, "all tasks are in its queue");
    expect(listed).toMatchObject({
      description: "nobody takes these",
      tasks: { scheduled: 7, running: 0 },
      queue: { ready: 7 },
      instances: [],
    });
    expect((await system.request("DELETE", "/scheduler/listed")).status).toBe(409);
    for (const id of ids) await system.request("POST", `/task/${id}/abort`);
    expect((await system.request("DELETE", "/scheduler/listed")).status).toBe(204);
    expect((await system.request("GET", "/scheduler/listed")).status).toBe(404);
  });

  it("[E2E-8] delays a task until its notBefore, and tries a failed one only as often as it was told to", async () => {
    const notBefore = new Date(Date.now() + 2_000).toISOString();
    const late = await system.done(await system.scheduled("hello", {}, { notBefore }));
    expect(Date.parse(late.startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(notBefore));
    const failed = await system.done(await system.scheduled("fail", { message: "made to" }));
    expect(failed).toMatchObject({ outcome: "aborted", attempt: 1, reason: { code: "failed", message: "made to" } });
    await system.startScheduler({
      MAYFLY_SCHEDULER: "stubborn",
      MAYFLY_RETRY_BACKOFF_MS: "100",
      MAYFLY_MAX_ATTEMPTS: "3",
    });
    const retried = await system.done(await system.scheduled("fail", {}, { scheduler: "stubborn" }));
    expect(retried).toMatchObject({ outcome: "aborted", attempt: 3, reason: { code: "failed" } });
  });

  it("[E2E-8] shows its OpenAPI document and its health", async () => {
    expect((await system.request("GET", "/openapi.json")).body["openapi"]).toBe("3.1.0");
    expect((await system.request("GET", "/healthz")).status).toBe(200);
    const ready = await system.request("GET", "/readyz");
    expect([ready.status, ready.body["status"]]).toEqual([200, "ok"]);
  });
});
