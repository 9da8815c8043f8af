import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sent, TestApi } from "./test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  api.dispatcher.add();
});
afterAll(() => api.service.stop());

const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const targets = fc.constantFrom<readonly [string, string]>(
  ["POST", "/task/schedule"],
  ["POST", "/tasks/schedule"],
  ["POST", `/task/${id}/abort`],
  ["PUT", "/scheduler/hello"],
);

/** Every answer has been held to the contract on its way here; what is left to say is that it is none of a failure. */
async function expectNoFailure(method: string, path: string, sent: Sent = {}): Promise<number> {
  const { status } = await api.call(method, path, sent);
  expect(status).toBeLessThan(500);
  expect(api.logger.entries.filter(({ level }) => level === "error")).toEqual([]);
  return status;
}

/** JSON text with the oddities that a program would not write: `__proto__`, doubled members, huge numbers. */
const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom("null", "true", "1e400", "-0", "12345678901234567890", '"\\ud800"', '"\\u0000"', '""'),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
    fc
      .array(
        fc.tuple(
          fc.constantFrom(
            "__proto__",
            "constructor",
            "scheduler",
            "attributes",
            "timeout",
            "id",
            "tasks",
            "reason",
            "notBefore",
            "a",
            "",
          ),
          tie("value"),
        ),
        { maxLength: 6 },
      )
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`),
  ),
})).value;

const validTask = {
  scheduler: "hello",
  attributes: { name: "Ada", list: [1, { a: null }] },
  id,
  timeout: "2026-12-01T10:00:00Z",
};

describe("the API, whatever it is sent", { timeout: 60_000 }, () => {
  it("[HTTP-12] answers any bytes with 4xx", async () => {
    await fc.assert(
      fc.asyncProperty(targets, fc.uint8Array({ minLength: 1, maxLength: 300 }), async ([method, path], body) => {
        await expectNoFailure(method, path, { body });
      }),
      { numRuns: 300 },
    );
  });

  it("[HTTP-12] answers any JSON", async () => {
    await fc.assert(
      fc.asyncProperty(targets, jsonText, async ([method, path], body) => {
        await expectNoFailure(method, path, { body });
      }),
      { numRuns: 600 },
    );
  });

  it("[HTTP-12] answers a task of which one member is something else", async () => {
    const member = fc.constantFrom("scheduler", "attributes", "id", "timeout", "notBefore", "more");
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.string(),
      fc.date().map((date) => date.toJSON()),
    );
    await fc.assert(
      fc.asyncProperty(member, value, async (name, other) => {
        const json = { ...validTask, [name]: other };
        await expectNoFailure("POST", "/task/schedule", { json });
        expect(await expectNoFailure("POST", "/tasks/schedule", { json: { tasks: [json, validTask] } })).toBe(200);
      }),
      { numRuns: 300 },
    );
  });

  it("[HTTP-12] answers the text of a task of which any character is another", async () => {
    const text = JSON.stringify(validTask);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.string({ unit: "binary", maxLength: 3 }), async (at, instead) => {
        await expectNoFailure("POST", "/task/schedule", { body: text.slice(0, at) + instead + text.slice(at + 1) });
      }),
      { numRuns: 300 },
    );
  });

  it("[HTTP-12] answers any path, query and method", async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        "task",
        "tasks",
        "scheduler",
        "schedule",
        "abort",
        "logs",
        id,
        "..",
        "%00",
        "%ff",
        "%2e%2e%2f",
        "healthz",
      ),
      fc.string({ unit: "grapheme", maxLength: 8 }).map(encodeURIComponent),
      fc.stringMatching(/^[%!$&'()*+,;=:@a-z0-9-]{0,8}$/),
    );
    const query = fc.array(
      fc.tuple(
        fc.constantFrom("wait", "limit", "state", "scheduler", "cursor", "from", "follow", "__proto__"),
        fc.stringMatching(/^[%0-9a-z.+-]{0,6}$/),
      ),
      { maxLength: 3 },
    );
    const method = fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    await fc.assert(
      fc.asyncProperty(method, fc.array(segment, { maxLength: 4 }), query, async (verb, segments, pairs) => {
        // Nothing waits here: the fake would do so for ever.
        const search = pairs.filter(([name, value]) => name !== "wait" || !(Number(value) > 0));
        const suffix = search.length > 0 ? `?${search.map(([name, value]) => `${name}=${value}`).join("&")}` : "";
        await expectNoFailure(verb, `/${segments.join("/")}${suffix}`);
      }),
      { numRuns: 600 },
    );
  });

  it("[HTTP-12] [HTTP-20] answers any way to ask for a log", async () => {
    const word = fc.oneof(
      fc.constantFrom("0", "7", "true", "false", "999999999", "-1", "1e3", "0x1", "", "text/event-stream", "*/*;q=0"),
      fc.stringMatching(/^[ -~]{0,20}$/),
    );
    const query = fc.array(fc.tuple(fc.constantFrom("from", "follow", "wait"), word), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("GET", "HEAD"), query, word, word, async (method, pairs, accept, lastId) => {
        const search = new URLSearchParams(pairs as [string, string][]);
        const headers = { Accept: accept, ...(lastId !== "" && { "Last-Event-ID": lastId }) };
        await expectNoFailure(method, `/task/${id}/logs?${search.toString()}`, { headers });
      }),
      { numRuns: 400 },
    );
  });

  it("[HTTP-12] answers any content type and encoding", async () => {
    const header = fc.stringMatching(/^[a-z/;="+ ,*-]{0,30}$/);
    await fc.assert(
      fc.asyncProperty(targets, header, header, async ([method, path], type, encoding) => {
        const headers = { "Content-Type": type, ...(encoding !== "" && { "Content-Encoding": encoding }) };
        await expectNoFailure(method, path, { body: JSON.stringify(validTask), headers });
      }),
      { numRuns: 200 },
    );
  });
});
