import { DispatcherError } from "@mayfly/dispatcher";
import { type Route, routes } from "@mayfly/http-contract";
import express from "express";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRouter } from "../src/index.ts";
import { FakeDispatcher } from "./fake-dispatcher.ts";
import { TestApi } from "./test-api.ts";

const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const unknownId = "00000000-0000-4000-8000-00000000dead";
const task = { scheduler: "hello", attributes: { name: "Ada" } };

let api: TestApi;
let dispatcher: FakeDispatcher;
beforeAll(async () => {
  api = await TestApi.start();
  dispatcher = api.dispatcher;
});
beforeEach(() => {
  dispatcher.failure = undefined;
  dispatcher.status = "scheduled";
  dispatcher.tasks.clear();
  dispatcher.registrations.clear();
  dispatcher.registrations.set("hello", {});
  dispatcher.requests.length = 0;
  dispatcher.aborted.length = 0;
});
afterAll(() => api.service.stop());

describe("POST /task/schedule", () => {
  it("[HTTP-2] answers 201 with the task and where it is", async () => {
    const { status, headers, body } = await api.call("POST", "/task/schedule", {
      json: { ...task, id: id.toUpperCase() },
    });
    expect(status).toBe(201);
    expect(headers.get("Location")).toBe(`/task/${id}`);
    expect(body).toMatchObject({ id, scheduler: "hello", attributes: { name: "Ada" } });
    expect(dispatcher.requests).toEqual([{ ...task, id, traceparent: undefined }]);
  });

  it("[HTTP-2] answers 202 when it is stored only, 200 when it had been accepted before", async () => {
    dispatcher.status = "stored";
    const stored = await api.call("POST", "/task/schedule", { json: { ...task, id } });
    expect([stored.status, stored.headers.get("Location")]).toEqual([202, `/task/${id}`]);
    dispatcher.status = "exists";
    expect((await api.call("POST", "/task/schedule", { json: { ...task, id } })).status).toBe(200);
  });

  it("hands on times in UTC, and the trace context if it is valid", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const times = { timeout: "2026-12-01T12:00:00+02:00", notBefore: "2026-12-01T09:00:00Z" };
    await api.call("POST", "/task/schedule", { json: { ...task, ...times }, headers: { traceparent } });
    await api.call("POST", "/task/schedule", { json: task, headers: { traceparent: "00-junk" } });
    expect(dispatcher.requests).toMatchObject([
      { timeout: "2026-12-01T10:00:00.000Z", notBefore: "2026-12-01T09:00:00.000Z", traceparent },
      { traceparent: undefined },
    ]);
  });

  it.each([
    ["unknown_scheduler", 404, { ...task, scheduler: "nobody" }],
    ["task_conflict", 409, { ...task, attributes: { conflict: true } }],
    ["invalid_task", 422, { ...task, timeout: "2020-01-01T00:00:00Z" }],
  ])("[HTTP-10] answers %s with %i", async (code, status, json) => {
    const answer = await api.call("POST", "/task/schedule", { json });
    expect(answer).toMatchObject({ status, body: { code, status, type: `urn:mayfly:problem:${code}` } });
    if (status === 422)
      expect(answer.body["errors"]).toEqual([{ path: "timeout", message: "The timeout has passed." }]);
  });
});

describe("GET /task/{id}", () => {
  it("shows a task, in whatever case its id is written", async () => {
    dispatcher.add();
    expect(await api.call("GET", `/task/${id.toUpperCase()}`)).toMatchObject({ status: 200, body: { id } });
  });

  it.each([unknownId, "1", "%20", "a.b", "schedules"])("[HTTP-10] does not know %s", async (unknown) => {
    expect(await api.call("GET", `/task/${unknown}`)).toMatchObject({ status: 404, body: { code: "unknown_task" } });
  });

  it.each(["wait=61", "wait=-1", "wait=x", "wait=", "wait=1&wait=2", "wiat=1"])(
    "[HTTP-5] refuses ?%s",
    async (query) => {
      const answer = await api.call("GET", `/task/${id}?${query}`);
      expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
      expect(answer.body["errors"]).toMatchObject([{ path: query.startsWith("wiat") ? "wiat" : "wait" }]);
    },
  );
});

describe("GET /tasks", () => {
  it("[HTTP-6] lists a page of what was asked for", async () => {
    dispatcher.add();
    const answer = await api.call("GET", "/tasks?scheduler=hello&state=running&limit=7&cursor=abc");
    expect(answer).toMatchObject({ status: 200, body: { tasks: [{ id }], cursor: "next" } });
    await api.call("GET", "/tasks");
    expect(dispatcher.listed.slice(-2)).toEqual([
      { scheduler: "hello", state: "running", limit: 7, cursor: "abc" },
      { limit: 50 },
    ]);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=501", "limit"],
    ["limit=1.5", "limit"],
    ["limit=5&limit=6", "limit"],
    ["state=done", "state"],
    ["scheduler=A", "scheduler"],
    ["cursor=bad", "cursor"],
    ["cursor=", "cursor"],
    ["sheduler=hello", "sheduler"],
    ["__proto__=1", "__proto__"],
    ["limit=%zz", "limit"],
  ])("[HTTP-6] refuses ?%s", async (query, path) => {
    const answer = await api.call("GET", `/tasks?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request", errors: [{ path }] } });
  });
});

describe("POST /task/{id}/abort", () => {
  it("[HTTP-7] answers 202 when the scheduler has been told, 200 when the task is done", async () => {
    dispatcher.add();
    const told = await api.call("POST", `/task/${id}/abort`, { json: { reason: "no longer needed" } });
    expect(told).toMatchObject({ status: 202, body: { id } });
    dispatcher.add({ state: "done", outcome: "aborted", reason: { code: "requested" } });
    expect((await api.call("POST", `/task/${id}/abort`, { json: {} })).status).toBe(200);
    expect(dispatcher.aborted).toEqual([
      { id, message: "no longer needed" },
      { id, message: undefined },
    ]);
  });

  it.each([
    ["none", {}],
    ["an empty one", { body: "" }],
    ["an empty one of another type", { body: "", headers: { "Content-Type": "text/plain" } }],
    ["an empty stream", { body: new Blob([]).stream(), headers: { "Content-Type": "text/plain" } }],
  ])("[HTTP-7] takes as a body: %s", async (_name, sent) => {
    dispatcher.add();
    expect((await api.call("POST", `/task/${id}/abort`, sent)).status).toBe(202);
  });

  it("refuses another body, and an unknown task", async () => {
    const wrong = await api.call("POST", `/task/${id}/abort`, { json: { reason: 1 } });
    expect(wrong).toMatchObject({ status: 422, body: { code: "invalid_request", errors: [{ path: "reason" }] } });
    for (const unknown of [unknownId, "x"]) {
      expect((await api.call("POST", `/task/${unknown}/abort`)).body["code"]).toBe("unknown_task");
    }
  });
});

describe("schedulers", () => {
  it("[HTTP-8] registers with 201, then 200; given members replace, others stay", async () => {
    const first = await api.call("PUT", "/scheduler/fresh", { json: { description: "one", maxTasks: 5 } });
    expect(first).toMatchObject({ status: 201, body: { name: "fresh", description: "one" } });
    const second = await api.call("PUT", "/scheduler/fresh", { json: { description: "two" } });
    expect(second).toMatchObject({ status: 200, body: { description: "two", maxTasks: 5 } });
    expect((await api.call("PUT", "/scheduler/fresh")).status).toBe(200);
    expect(await api.call("GET", "/scheduler/fresh")).toMatchObject({ status: 200, body: { description: "two" } });
    expect((await api.call("GET", "/schedulers")).body).toMatchObject({
      schedulers: [{ name: "hello" }, { name: "fresh" }],
    });
    expect((await api.call("DELETE", "/scheduler/fresh")).status).toBe(204);
    expect((await api.call("DELETE", "/scheduler/fresh")).body["code"]).toBe("unknown_scheduler");
    expect((await api.call("GET", "/scheduler/fresh")).body["code"]).toBe("unknown_scheduler");
  });

  it.each([
    ["PUT", "/scheduler/taken", 409, "registration_conflict"],
    ["DELETE", "/scheduler/hello", 409, "scheduler_busy"],
    ["PUT", "/scheduler/No%20Name", 422, "invalid_request"],
    ["PUT", "/scheduler/amq.x", 422, "invalid_request"],
    ["GET", "/scheduler/UPPER", 422, "invalid_request"],
  ])("[HTTP-8] %s %s: %i", async (method, path, status, code) => {
    expect(await api.call(method, path)).toMatchObject({ status, body: { code } });
  });

  it.each([
    [{ maxTasks: 0 }, "maxTasks"],
    [{ attributesSchema: [] }, "attributesSchema"],
    [{ name: "x" }, "name"],
    [[], ""],
  ])("[HTTP-8] refuses to register %j", async (json, path) => {
    const answer = await api.call("PUT", "/scheduler/hello", { json });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request", errors: [{ path }] } });
  });
});

describe("every route", () => {
  const operations = Object.entries<Route>(routes).map(([name, route]) => ({
    name,
    route,
    path: route.path.replace("{id}", id).replace("{name}", "other"),
    sent: name === "scheduleTask" ? { json: task } : name === "scheduleTasks" ? { json: { tasks: [task] } } : {},
  }));
  const overStore = operations.filter(({ route }) => route.errors.includes("store_unavailable"));

  it.each(operations)("[HTTP-1] $name is mounted as it is described", async ({ route, path, sent }) => {
    dispatcher.add();
    dispatcher.registrations.set("other", {});
    const { status } = await api.call(route.method, path, sent);
    expect(Object.keys(route.responses)).toContain(String(status));
  });

  it("[HTTP-1] is described, and served as OpenAPI", async () => {
    const { body } = await api.call("GET", "/openapi.json");
    expect(body["openapi"]).toBe("3.1.0");
    const described = Object.entries(body["paths"] as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const layers = createRouter({ dispatcher, checks: { store: async () => true, broker: () => true } }).stack;
    const mounted = layers.flatMap(({ route }) =>
      (route?.stack ?? [])
        .filter(({ method }) => method !== undefined)
        .map(({ method }) => `${method.toUpperCase()} ${route?.path.replaceAll(/:(\w+)/g, "{$1}")}`),
    );
    expect(mounted.sort()).toEqual(described.sort());
  });

  it.each(overStore)(
    "[HTTP-11] $name answers 503 with Retry-After while the store is away",
    async ({ route, path, sent }) => {
      dispatcher.failure = new DispatcherError("store_unavailable", "The store does not answer.");
      const { status, headers, body } = await api.call(route.method, path, sent);
      expect({ status, code: body["code"] }).toEqual({ status: 503, code: "store_unavailable" });
      expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
    },
  );

  it.each(overStore)(
    "[HTTP-10] $name answers 500 without a word of why when something breaks",
    async ({ route, path, sent }) => {
      dispatcher.failure = new Error("redis://user:secret@host");
      const { status, body } = await api.call(route.method, path, sent);
      expect({ status, code: body["code"] }).toEqual({ status: 500, code: "internal" });
      expect(JSON.stringify(body)).not.toContain("secret");
      expect(api.logger.entries.at(-1)).toMatchObject({ level: "error", message: "request failed unexpectedly" });
    },
  );

  it.each(operations.filter(({ route }) => route.method === "GET"))(
    "[HTTP-13] $name answers HEAD as GET",
    async ({ path }) => {
      dispatcher.add();
      dispatcher.registrations.set("other", {});
      const [head, get] = [await api.call("HEAD", path), await api.call("GET", path)];
      expect(head.status).toBe(get.status);
      expect(head.headers.get("Content-Length")).toBe(get.headers.get("Content-Length"));
    },
  );
});

describe("what no route takes", () => {
  it.each(["/", "/task", "/task/", "/tasks/", "/nothing", `/task/${id}/abort/x`, `/TASK/${id}`, "//", "/..%2f"])(
    "[HTTP-13] there is nothing at %s",
    async (path) => {
      expect(await api.call("GET", path)).toMatchObject({ status: 404, body: { code: "not_found" } });
    },
  );

  it.each([
    ["GET", "/task/schedule", "POST"],
    ["DELETE", "/tasks", "GET, HEAD"],
    ["POST", `/task/${id}`, "GET, HEAD"],
    ["PATCH", "/scheduler/hello", "GET, HEAD, PUT, DELETE"],
    ["OPTIONS", "/task/schedule", "POST"],
    ["GET", "/tasks/schedule", "POST"],
  ])("[HTTP-13] %s %s is refused with what is allowed", async (method, path, allow) => {
    const answer = await api.call(method, path);
    expect(answer).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
    expect(answer.headers.get("Allow")?.split(", ").sort()).toEqual(allow.split(", ").sort());
  });

  it.each(["/task/%", "/task/%zz", "/scheduler/%ff", "/%c3%28"])("[HTTP-13] %s is refused", async (path) => {
    expect(await api.call("GET", path)).toMatchObject({ status: 422, body: { code: "invalid_request" } });
  });
});

describe("in another app", () => {
  it("[HTTP-16] works at a path of its own, whatever the app's settings are", async () => {
    const app = express();
    app.set("query parser", "extended");
    const own = new FakeDispatcher();
    app.use("/api", createRouter({ dispatcher: own, checks: { store: async () => true, broker: () => true } }));
    app.get("/", (_request, response) => void response.send("the app's own"));
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address() as { port: number };
    const base = `http://127.0.0.1:${address.port}`;
    try {
      const scheduled = await fetch(`${base}/api/task/schedule`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...task, id }),
      });
      expect([scheduled.status, scheduled.headers.get("Location")]).toEqual([201, `/api/task/${id}`]);
      expect([scheduled.headers.get("ETag"), scheduled.headers.get("X-Powered-By")]).toEqual([null, null]);
      expect(await (await fetch(`${base}/api/openapi.json`)).json()).toMatchObject({ servers: [{ url: "/api" }] });
      expect((await fetch(`${base}/api/tasks?limit[]=1`)).status).toBe(422);
      expect(await (await fetch(`${base}/`)).text()).toBe("the app's own");
    } finally {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    }
  });

  it("[HTTP-16] says what is wrong when a body parser was there first", async () => {
    const app = express();
    const own = new FakeDispatcher();
    app.use(express.json(), createRouter({ dispatcher: own, checks: { store: async () => true, broker: () => true } }));
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    try {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`http://127.0.0.1:${port}/task/schedule`, {
        method: "POST",
        headers,
        body: JSON.stringify(task),
      });
      expect(await answer.json()).toMatchObject({ code: "internal" });
    } finally {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    }
  });
});
