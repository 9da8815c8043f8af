import { Dispatcher } from "@mayfly/dispatcher";
import { InMemoryQueue } from "@mayfly/queue";
import { InMemoryStore } from "@mayfly/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestApi } from "./test-api.ts";

const store = new InMemoryStore();
const queue = new InMemoryQueue();
let api: TestApi;
beforeAll(async () => {
  await store.open();
  await queue.open();
  api = await TestApi.start({ dispatcher: new Dispatcher({ store, queue }) });
  await api.call("PUT", "/scheduler/hello", { json: { description: "says hello" } });
});
afterAll(async () => {
  await api.service.stop();
  await queue.close();
  await store.close();
});

const task = { scheduler: "hello", attributes: { name: "Ada", list: [1, { a: null }] } };

describe("the API over the in-process store and queue", () => {
  it("[HTTP-2] schedules once: 201, then 200 for the same, 409 for other content", async () => {
    const id = globalThis.crypto.randomUUID();
    const timeout = new Date(Date.now() + 60_000).toISOString();
    const first = await api.call("POST", "/task/schedule", { json: { ...task, id, timeout } });
    expect(first).toMatchObject({ status: 201, body: { ...task, id, timeout, state: "scheduled" } });
    const reordered = { id: id.toUpperCase(), attributes: { list: [1, { a: null }], name: "Ada" }, scheduler: "hello" };
    expect((await api.call("POST", "/task/schedule", { json: reordered })).status).toBe(200);
    const other = await api.call("POST", "/task/schedule", { json: { ...task, id, attributes: {} } });
    expect(other).toMatchObject({ status: 409, body: { code: "task_conflict" } });
    expect((await api.call("GET", first.headers.get("Location") as string)).body).toMatchObject({ id, ...task });
  });

  it("[HTTP-2] gives a new id and a timeout in 6 hours to a task that has none", async () => {
    const before = Date.now();
    const { body } = await api.call("POST", "/task/schedule", { json: task });
    expect(body["id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const aheadMs = Date.parse(body["timeout"] as string) - before;
    expect(Math.abs(aheadMs - 6 * 3_600_000)).toBeLessThan(60_000);
  });

  it.each([
    ["a timeout in the past", "timeout", { timeout: new Date(Date.now() - 1_000).toISOString() }],
    ["a timeout in 8 days", "timeout", { timeout: new Date(Date.now() + 8 * 24 * 3_600_000).toISOString() }],
    ["a timeout beyond what four digits say", "timeout", { timeout: "9999-12-31T23:59:59-23:59" }],
    ["a notBefore after the timeout", "notBefore", { notBefore: new Date(Date.now() + 7 * 3_600_000).toISOString() }],
  ])("[HTTP-3] refuses %s", async (_name, path, times) => {
    const answer = await api.call("POST", "/task/schedule", { json: { ...task, ...times } });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_task", errors: [{ path }] } });
  });

  it("[HTTP-3] stores nothing for a scheduler that there is not", async () => {
    const id = globalThis.crypto.randomUUID();
    const answer = await api.call("POST", "/task/schedule", { json: { ...task, id, scheduler: "nobody" } });
    expect(answer).toMatchObject({ status: 404, body: { code: "unknown_scheduler" } });
    expect((await api.call("GET", `/task/${id}`)).status).toBe(404);
  });

  it("[HTTP-7] aborts a queued task for good, and whoever waits for it learns so", async () => {
    const location = (await api.call("POST", "/task/schedule", { json: task })).headers.get("Location") as string;
    const waiting = api.call("GET", `${location}?wait=60`);
    const aborted = await api.call("POST", `${location}/abort`, { json: { reason: "not needed" } });
    const done = { state: "done", outcome: "aborted", reason: { code: "requested", message: "not needed" } };
    expect(aborted).toMatchObject({ status: 200, body: done });
    expect(await waiting).toMatchObject({ status: 200, body: done });
    expect((await api.call("POST", `${location}/abort`)).body).toEqual(aborted.body);
    expect(aborted.body).not.toHaveProperty("attributes");
  });

  it("[HTTP-6] lists every live task once, page by page, without attributes", async () => {
    await api.call("PUT", "/scheduler/paged");
    const tasks = Array.from({ length: 25 }, () => ({ scheduler: "paged", attributes: { a: 1 } }));
    const { body } = await api.call("POST", "/tasks/schedule", { json: { tasks } });
    const ids = (body["results"] as { task: { id: string } }[]).map((result) => result.task.id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = `scheduler=paged&limit=10${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page = (await api.call("GET", `/tasks?${query}`)).body as {
        tasks: Record<string, unknown>[];
        cursor?: string;
      };
      for (const listed of page.tasks) {
        expect(listed).not.toHaveProperty("attributes");
        seen.push(listed["id"] as string);
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(ids.sort());
    expect(await api.call("GET", "/tasks?cursor=nonsense")).toMatchObject({
      status: 422,
      body: { code: "invalid_request", errors: [{ path: "cursor" }] },
    });
  });

  it("[HTTP-8] shows schedulers with their tasks, and lets none go that has some", async () => {
    await api.call("PUT", "/scheduler/busy", { json: { description: "busy" } });
    await api.call("POST", "/task/schedule", { json: { ...task, scheduler: "busy" } });
    expect((await api.call("GET", "/scheduler/busy")).body).toEqual({
      name: "busy",
      description: "busy",
      queue: { ready: 1 },
      tasks: { scheduled: 1, running: 0 },
      instances: [],
    });
    expect(await api.call("DELETE", "/scheduler/busy")).toMatchObject({
      status: 409,
      body: { code: "scheduler_busy" },
    });
    await api.call("PUT", "/scheduler/idle");
    expect((await api.call("DELETE", "/scheduler/idle")).status).toBe(204);
    expect((await api.call("POST", "/task/schedule", { json: { ...task, scheduler: "idle" } })).status).toBe(404);
  });
});
