import { describe, expect, it } from "vitest";
import { findJsonFault, maxJsonDepth } from "../src/index.ts";

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 1; level < depth; level++) value = level % 2 === 0 ? { deeper: value } : [value];
  return { deeper: value };
}

describe("findJsonFault", () => {
  it("[TASK-3] allows 32 levels and refuses 33, with the path", () => {
    expect(findJsonFault(nested(maxJsonDepth - 1))).toBeUndefined();
    const fault = findJsonFault(nested(maxJsonDepth));
    expect(fault?.message).toBe("is nested too deep; attributes may be 32 levels deep");
    expect(fault?.path).toHaveLength(maxJsonDepth);
    expect(fault?.path[0]).toBe("deeper");
  });

  it("[TASK-3] survives a depth that would exhaust the stack", () => {
    let value: unknown = 1;
    for (let level = 0; level < 200_000; level++) value = { a: value };
    expect(findJsonFault(value)).toBeDefined();
  });

  it("[TASK-3] refuses a number that would be stored as null", () => {
    const value: unknown = JSON.parse('{"list": [1e308, 1e400]}');
    expect(findJsonFault(value)).toEqual({ path: ["list", 1], message: "is a number that is too large for a double" });
  });

  it("[TASK-3] refuses a member named __proto__ at any depth", () => {
    const value: unknown = JSON.parse('{"list": [1, {"__proto__": {"admin": true}}]}');
    expect(findJsonFault(value)).toEqual({
      path: ["list", 1, "__proto__"],
      message: "must not have a member named __proto__",
    });
  });
});
