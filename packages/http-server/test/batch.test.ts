import { DispatcherError } from "@mayfly/dispatcher";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestApi } from "./test-api.ts";

const task = { scheduler: "hello", attributes: {} };

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(() => {
  api.dispatcher.failure = undefined;
  api.dispatcher.onSchedule = async () => undefined;
  api.dispatcher.requests.length = 0;
});
afterAll(() => api.service.stop());

function numbered(count: number): { scheduler: string; attributes: { n: number }; id: string }[] {
  return Array.from({ length: count }, (_, n) => ({
    scheduler: "hello",
    attributes: { n },
    id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  }));
}

describe("POST /tasks/schedule", () => {
  it("[HTTP-4] answers for each task in order, and lets each fail alone", async () => {
    const body = `{"tasks":[
      ${JSON.stringify({ ...task, id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301" })},
      {"scheduler":"nobody","attributes":{}},
      {"scheduler":"hello","attributes":{"conflict":true}},
      {"scheduler":"hello","attributes":{"big":"${"x".repeat(1_048_576)}"}},
      {"scheduler":"hello","attributes":{"a":[{"__proto__":1}]}},
      {"scheduler":"hello","attributes":{},"timeout":"2026-12-01T10:00:00"},
      42,
      null,
      ${JSON.stringify(task)}
    ]}`;
    const answer = await api.call("POST", "/tasks/schedule", { body });
    expect(answer.status).toBe(200);
    expect(answer.body["results"]).toMatchObject([
      { status: 201, task: { id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301" } },
      { status: 404, error: { code: "unknown_scheduler", status: 404 } },
      { status: 409, error: { code: "task_conflict" } },
      { status: 413, error: { code: "too_large" } },
      { status: 422, error: { code: "invalid_task", errors: [{ path: "attributes.a.0.__proto__" }] } },
      { status: 422, error: { code: "invalid_task", errors: [{ path: "timeout" }] } },
      { status: 422, error: { code: "invalid_task", errors: [{ path: "" }] } },
      { status: 422, error: { code: "invalid_task" } },
      { status: 201 },
    ]);
  });

  it.each([
    ["stored", 202],
    ["exists", 200],
  ] as const)("[HTTP-4] says of a task that %s: %i", async (accepted, status) => {
    api.dispatcher.status = accepted;
    const answer = await api.call("POST", "/tasks/schedule", { json: { tasks: [task] } });
    api.dispatcher.status = "scheduled";
    expect(answer).toMatchObject({ status: 200, body: { results: [{ status }] } });
  });

  it("[HTTP-4] schedules at most 64 at a time and answers in order, whatever the order they end in", async () => {
    let running = 0;
    let most = 0;
    let isFull = (): void => undefined;
    const full = new Promise<void>((resolve) => (isFull = resolve));
    const waiting: (() => void)[] = [];
    api.dispatcher.onSchedule = async () => {
      most = Math.max(most, ++running);
      if (running === 64) isFull();
      // The last come back first: whoever waits is let go in reverse as soon as 64 are there.
      await new Promise<void>((resolve) => waiting.unshift(resolve));
      running--;
    };
    const answering = api.call("POST", "/tasks/schedule", { json: { tasks: numbered(200) } });
    await full;
    api.dispatcher.onSchedule = async () => undefined;
    for (const release of waiting) release();
    const { body } = await answering;
    expect(most).toBe(64);
    const results = body["results"] as { task: { attributes: { n: number } } }[];
    expect(results.map(({ task: { attributes } }) => attributes.n)).toEqual(numbered(200).map((_, n) => n));
  });

  it("[HTTP-4] takes 1,000", async () => {
    const { status, body } = await api.call("POST", "/tasks/schedule", { json: { tasks: numbered(1_000) } });
    expect([status, (body["results"] as unknown[]).length]).toEqual([200, 1_000]);
  });

  it.each([
    ["no tasks", {}, "tasks"],
    ["an empty list", { tasks: [] }, "tasks"],
    ["1,001", { tasks: numbered(1_001) }, "tasks"],
    ["no list", { tasks: { 0: task } }, "tasks"],
    ["an unknown member", { tasks: [task], more: 1 }, "more"],
    ["a list", [task], ""],
  ])("[HTTP-4] refuses an envelope with %s", async (_name, json, path) => {
    const answer = await api.call("POST", "/tasks/schedule", { json });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request", errors: [{ path }] } });
    expect(api.dispatcher.requests).toEqual([]);
  });

  it("[HTTP-4] refuses an envelope with a member __proto__", async () => {
    const body = `{"tasks":[${JSON.stringify(task)}],"__proto__":{}}`;
    const answer = await api.call("POST", "/tasks/schedule", { body });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request", errors: [{ path: "__proto__" }] } });
  });

  it("[HTTP-11] fails as a whole when the store goes away, and begins no further task", async () => {
    let begun = 0;
    api.dispatcher.onSchedule = async () => {
      if (++begun >= 10) throw new DispatcherError("store_unavailable", "The store is away.");
    };
    const answer = await api.call("POST", "/tasks/schedule", { json: { tasks: numbered(1_000) } });
    expect(answer).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
    expect(begun).toBeLessThan(200);
  });
});
