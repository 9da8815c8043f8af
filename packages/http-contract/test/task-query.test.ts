import { describe, expect, it } from "vitest";
import { abortBodySchema, findTaskQuerySchema, listTasksQuerySchema } from "../src/index.ts";

describe("findTaskQuerySchema", () => {
  it.each([
    ["0", 0],
    ["60", 60],
    ["0.25", 0.25],
  ])("[HTTP-5] takes wait=%s", (wait, seconds) => {
    expect(findTaskQuerySchema.parse({ wait })).toEqual({ wait: seconds });
  });

  it.each(["", "-1", "60.1", "61", "1e1", "0x1", " 1", "one", ["1", "2"]].map((wait) => [wait]))(
    "[HTTP-5] refuses wait=%j",
    (wait) => {
      expect(findTaskQuerySchema.safeParse({ wait }).success).toBe(false);
    },
  );

  it("refuses what it does not know", () => {
    expect(findTaskQuerySchema.safeParse({ wiat: "1" }).success).toBe(false);
  });
});

describe("listTasksQuerySchema", () => {
  it("[HTTP-6] lists 50 unless told", () => {
    expect(listTasksQuerySchema.parse({})).toEqual({ limit: 50 });
  });

  it("takes all filters", () => {
    const query = { scheduler: "hello", state: "running", limit: "500", cursor: "abc" };
    expect(listTasksQuerySchema.parse(query)).toEqual({ ...query, limit: 500 });
  });

  it.each([
    { limit: "0" },
    { limit: "501" },
    { limit: "1.5" },
    { limit: "" },
    { state: "done" },
    { scheduler: "A" },
    { cursor: "" },
  ])("[HTTP-6] refuses %j", (query) => {
    expect(listTasksQuerySchema.safeParse(query).success).toBe(false);
  });
});

describe("abortBodySchema", () => {
  it("takes a reason or none, and nothing else", () => {
    expect(abortBodySchema.safeParse({}).success).toBe(true);
    expect(abortBodySchema.safeParse({ reason: "no longer needed" }).success).toBe(true);
    expect(abortBodySchema.safeParse({ reason: 1 }).success).toBe(false);
    expect(abortBodySchema.safeParse({ why: "" }).success).toBe(false);
  });
});
