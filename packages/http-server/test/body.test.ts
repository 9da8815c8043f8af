import { deflateSync, gzipSync } from "node:zlib";
import { maxBodyBytes } from "@mayfly/http-contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestApi } from "./test-api.ts";

const task = { scheduler: "hello", attributes: {} };
const taskJson = JSON.stringify(task);

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
beforeEach(() => void (api.dispatcher.requests.length = 0));
afterAll(() => api.service.stop());

/** Attributes so many levels deep, as text: too deep for JSON.stringify. */
function deepJson(levels: number): string {
  return `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
}

/** A task whose JSON is exactly so long. */
function taskOfBytes(bytes: number): string {
  const empty = JSON.stringify({ scheduler: "hello", attributes: { text: "" } });
  return JSON.stringify({ scheduler: "hello", attributes: { text: "x".repeat(bytes - empty.length) } });
}

describe("what is no JSON", () => {
  it.each([
    ["broken JSON", '{"scheduler":'],
    ["nothing at all", ""],
    ["spaces", "  "],
    ["JSON with a comment", `${taskJson} // go`],
    ["single quotes", "{'scheduler':'hello'}"],
    ["NaN", '{"scheduler":NaN}'],
    ["two values", `${taskJson}${taskJson}`],
    [
      "bytes that are no UTF-8",
      Buffer.concat([Buffer.from('{"scheduler":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    ],
    ["an overlong encoding", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ["UTF-16", Buffer.from(taskJson, "utf16le")],
    ["half of a character", Buffer.from([...Buffer.from(`{"scheduler":"`), 0xe2, 0x82])],
  ])("[HTTP-14] %s is malformed_json", async (_name, body) => {
    const answer = await api.call("POST", "/task/schedule", { body });
    expect(answer).toMatchObject({ status: 400, body: { code: "malformed_json" } });
    expect(api.dispatcher.requests).toEqual([]);
  });
});

describe("what is JSON but no task", () => {
  it.each([
    ["a list", "[]", ""],
    ["null", "null", ""],
    ["a number", "1", ""],
    ["a string", '"{}"', ""],
    ["nothing in it", "{}", "scheduler"],
    ["no attributes", '{"scheduler":"hello"}', "attributes"],
    ["an unknown member", '{"scheduler":"hello","attributes":{},"priority":1}', "priority"],
    ["a list as attributes", '{"scheduler":"hello","attributes":[]}', "attributes"],
    ["null as attributes", '{"scheduler":"hello","attributes":null}', "attributes"],
    ["text as attributes", '{"scheduler":"hello","attributes":"{}"}', "attributes"],
    ["a number as scheduler", '{"scheduler":1,"attributes":{}}', "scheduler"],
    ["a scheduler in capitals", '{"scheduler":"Hello","attributes":{}}', "scheduler"],
    ["a reserved scheduler", '{"scheduler":"mayfly.x","attributes":{}}', "scheduler"],
    ["a scheduler of 64 letters", `{"scheduler":"${"a".repeat(64)}","attributes":{}}`, "scheduler"],
    ["an id that is no UUID", '{"scheduler":"hello","attributes":{},"id":"42"}', "id"],
    ["a timeout without a zone", '{"scheduler":"hello","attributes":{},"timeout":"2026-12-01T10:00:00"}', "timeout"],
    ["a timeout as a number", '{"scheduler":"hello","attributes":{},"timeout":1790000000}', "timeout"],
    ["a timeout that is null", '{"scheduler":"hello","attributes":{},"timeout":null}', "timeout"],
    ["a timeout in the past", '{"scheduler":"hello","attributes":{},"timeout":"2001-01-01T00:00:00Z"}', "timeout"],
    ["a day that does not exist", '{"scheduler":"hello","attributes":{},"timeout":"2026-02-30T10:00:00Z"}', "timeout"],
    ["a notBefore without a zone", '{"scheduler":"hello","attributes":{},"notBefore":"2026-12-01"}', "notBefore"],
    ["attributes 33 deep", `{"scheduler":"hello","attributes":${deepJson(33)}}`, `attributes${".a".repeat(32)}`],
    [
      "lists 33 deep",
      `{"scheduler":"hello","attributes":{"a":${"[".repeat(32)}${"]".repeat(32)}}}`,
      `attributes.a${".0".repeat(31)}`,
    ],
    ["a member __proto__", '{"scheduler":"hello","attributes":{},"__proto__":{"x":1}}', "__proto__"],
    ["__proto__ in attributes", '{"scheduler":"hello","attributes":{"__proto__":1}}', "attributes.__proto__"],
    [
      "__proto__ deep in a list",
      '{"scheduler":"hello","attributes":{"a":[{"b":{"__proto__":null}}]}}',
      "attributes.a.0.b.__proto__",
    ],
    ["depth where it does not belong", `{"scheduler":${deepJson(100)},"attributes":{}}`, `scheduler${".a".repeat(32)}`],
  ])("[HTTP-3] %s is invalid_task, with its path", async (_name, body, path) => {
    const answer = await api.call("POST", "/task/schedule", { body });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_task" } });
    expect((answer.body["errors"] as { path: string }[]).map((error) => error.path)).toContain(path);
    expect(answer.body["detail"]).toContain(path);
    expect(api.dispatcher.requests).toEqual([]);
  });

  it("[HTTP-3] takes attributes 32 deep, and the names of what every object has", async () => {
    const attributes = `{"deep":${deepJson(31)},"constructor":{"prototype":1},"toString":null,"":0}`;
    const answer = await api.call("POST", "/task/schedule", {
      body: `{"scheduler":"hello","attributes":${attributes}}`,
    });
    expect(answer.status).toBe(201);
    expect(api.dispatcher.requests[0]?.attributes).toEqual(JSON.parse(attributes));
  });

  it("[HTTP-3] survives nesting as deep as a body allows", { timeout: 30_000 }, async () => {
    for (const body of ["[".repeat(500_000), `{"scheduler":"hello","attributes":${deepJson(150_000)}}`]) {
      const answer = await api.call("POST", "/task/schedule", { body });
      expect([400, 422]).toContain(answer.status);
    }
    const batch = await api.call("POST", "/tasks/schedule", { body: `{"tasks":[${deepJson(1_000_000)}]}` });
    expect(batch).toMatchObject({ status: 200, body: { results: [{ status: 422, error: { code: "invalid_task" } }] } });
    expect((await api.call("POST", "/tasks/schedule", { body: `{"tasks":${deepJson(1_000_000)}}` })).status).toBe(422);
  });

  it("[HTTP-3] tells no more than 20 faults, and no long paths", async () => {
    const members = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}${"x".repeat(1_000)}`, 1]));
    const { body } = await api.call("POST", "/task/schedule", { json: { ...task, ...members } });
    expect(body["errors"]).toHaveLength(20);
    expect(JSON.stringify(body).length).toBeLessThan(10_000);
  });
});

describe("how large a body may be", () => {
  it("[HTTP-14] takes 1 MiB for a task and refuses a byte more", async () => {
    expect((await api.call("POST", "/task/schedule", { body: taskOfBytes(maxBodyBytes) })).status).toBe(201);
    const answer = await api.call("POST", "/task/schedule", { body: taskOfBytes(maxBodyBytes + 1) });
    expect(answer).toMatchObject({ status: 413, body: { code: "too_large" } });
    expect(api.dispatcher.requests).toHaveLength(1);
  });

  it.each(["/task/schedule", "/task/3f2504e0-4f89-41d3-9a0c-0305e82c3301/abort"])(
    "[HTTP-14] refuses more than 1 MiB that comes in pieces at %s",
    async (path) => {
      const body = new Blob([new Uint8Array(maxBodyBytes), "x"]).stream();
      expect(await api.call("POST", path, { body })).toMatchObject({ status: 413, body: { code: "too_large" } });
    },
  );

  it("[HTTP-14] takes 8 MiB for a batch and refuses more, in one piece or in many", async () => {
    const tasks = Array.from({ length: 8 }, () => taskOfBytes(maxBodyBytes - 10));
    const full = await api.call("POST", "/tasks/schedule", { body: `{"tasks":[${tasks.join(",")}]}` });
    expect(full.status).toBe(200);
    const more = `{"tasks":[${[...tasks, taskJson].join(",")}]}${" ".repeat(100)}`;
    for (const body of [more, new Blob([more]).stream()]) {
      expect((await api.call("POST", "/tasks/schedule", { body })).body["code"]).toBe("too_large");
    }
  });

  it("[HTTP-14] answers the next request on the same connection", async () => {
    for (let round = 0; round < 3; round++) {
      expect((await api.call("POST", "/task/schedule", { body: taskOfBytes(2 * maxBodyBytes) })).status).toBe(413);
      expect((await api.call("POST", "/task/schedule", { json: task })).status).toBe(201);
    }
  });
});

describe("what a body may be declared as", () => {
  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
    "APPLICATION/JSON",
    "application/json; profile=x",
  ])("[HTTP-14] takes %s", async (type) => {
    const answer = await api.call("POST", "/task/schedule", { body: taskJson, headers: { "Content-Type": type } });
    expect(answer.status).toBe(201);
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "application/problem+json",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "multipart/form-data; boundary=application/json",
    "",
  ])("[HTTP-14] refuses %j", async (type) => {
    const answer = await api.call("POST", "/task/schedule", { body: taskJson, headers: { "Content-Type": type } });
    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  });

  it.each([
    ["gzip", gzipSync(taskJson)],
    ["deflate", deflateSync(taskJson)],
    ["br", Buffer.from(taskJson)],
    ["gzip, identity", gzipSync(taskJson)],
  ])("[HTTP-14] refuses a body compressed with %s", async (encoding, body) => {
    const answer = await api.call("POST", "/task/schedule", { body, headers: { "Content-Encoding": encoding } });
    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  });

  it("takes identity as an encoding", async () => {
    const answer = await api.call("POST", "/task/schedule", {
      json: task,
      headers: { "Content-Encoding": "identity" },
    });
    expect(answer.status).toBe(201);
  });
});
