import { describe, expect, it } from "vitest";
import { scheduleBatchEnvelopeSchema, scheduleBatchSchema, scheduleBodySchema } from "../src/index.ts";

const task = { scheduler: "hello", attributes: { name: "Ada" } };

function deep(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
}

describe("scheduleBodySchema", () => {
  it("[HTTP-2] takes what is needed and leaves the rest to the defaults", () => {
    expect(scheduleBodySchema.parse(task)).toEqual(task);
  });

  it("[HTTP-2] lower-cases the id and turns times into UTC", () => {
    const parsed = scheduleBodySchema.parse({
      ...task,
      id: "3F2504E0-4F89-41D3-9A0C-0305E82C3301",
      timeout: "2026-12-01T10:00:00+02:00",
      notBefore: "2026-12-01T07:00:00.5Z",
    });
    expect(parsed.id).toBe("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    expect(parsed.timeout).toBe("2026-12-01T08:00:00.000Z");
    expect(parsed.notBefore).toBe("2026-12-01T07:00:00.500Z");
  });

  it("takes attributes that are 32 deep", () => {
    expect(scheduleBodySchema.safeParse({ ...task, attributes: deep(32) }).success).toBe(true);
  });

  it.each([
    ["an unknown member", { ...task, priority: 1 }],
    ["no scheduler", { attributes: {} }],
    ["a bad scheduler", { ...task, scheduler: "No Such" }],
    ["a reserved scheduler", { ...task, scheduler: "amq.topic" }],
    ["no attributes", { scheduler: "hello" }],
    ["attributes that are an array", { ...task, attributes: [] }],
    ["attributes that are null", { ...task, attributes: null }],
    ["attributes that are 33 deep", { ...task, attributes: deep(33) }],
    ["a member __proto__ deep inside", { ...task, attributes: JSON.parse('{"a":[{"__proto__":{}}]}') }],
    ["an id that is no UUID", { ...task, id: "1" }],
    ["a time without a zone", { ...task, timeout: "2026-12-01T10:00:00" }],
    ["a day that does not exist", { ...task, timeout: "2026-02-30T10:00:00Z" }],
    ["a number as a time", { ...task, timeout: 1_790_000_000 }],
    ["a timeout that is null", { ...task, timeout: null }],
    ["a notBefore without a zone", { ...task, notBefore: "2026-12-01" }],
  ])("[HTTP-3] refuses %s", (_name, body) => {
    expect(scheduleBodySchema.safeParse(body).success).toBe(false);
  });
});

describe("scheduleBatchSchema", () => {
  it.each([
    [0, false],
    [1, true],
    [1_000, true],
    [1_001, false],
  ])("[HTTP-4] with %i tasks: %s", (count, isValid) => {
    const batch = { tasks: Array.from({ length: count }, () => task) };
    expect(scheduleBatchSchema.safeParse(batch).success).toBe(isValid);
    expect(scheduleBatchEnvelopeSchema.safeParse(batch).success).toBe(isValid);
  });

  it("has an envelope that does not look at the tasks", () => {
    expect(scheduleBatchEnvelopeSchema.safeParse({ tasks: [1, null, { a: 1 }] }).success).toBe(true);
    expect(scheduleBatchEnvelopeSchema.safeParse({ tasks: [task], more: 1 }).success).toBe(false);
  });
});
