import { describe, expect, it } from "vitest";
import { taskLogHeadersSchema, taskLogQuerySchema } from "../src/index.ts";

describe("taskLogQuerySchema", () => {
  it("reads what a query says, and begins at the beginning unless told otherwise", () => {
    expect(taskLogQuerySchema.parse({})).toEqual({ from: 0, follow: false });
    expect(taskLogQuerySchema.parse({ from: "007", follow: "true" })).toEqual({ from: 7, follow: true });
    expect(taskLogQuerySchema.parse({ follow: "false" }).follow).toBe(false);
  });

  it.each([
    { from: "" },
    { from: " 1" },
    { from: "1e3" },
    { from: "-0" },
    { from: ["1"] },
    { follow: "1" },
    { more: "1" },
  ])("[HTTP-20] refuses %j", (query) => {
    expect(taskLogQuerySchema.safeParse(query).success).toBe(false);
  });
});

describe("taskLogHeadersSchema", () => {
  it("[HTTP-19] tells no place from the beginning", () => {
    expect(taskLogHeadersSchema.parse({})).toEqual({});
    expect(taskLogHeadersSchema.parse({ "Last-Event-ID": "0", Host: "x" })).toEqual({ "Last-Event-ID": 0 });
  });
});
