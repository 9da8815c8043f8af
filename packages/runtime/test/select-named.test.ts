import type { JsonValue } from "@mayfly/task";
import { describe, expect, it } from "vitest";
import { RuntimeError, selectNamed } from "../src/index.ts";

const sizes = { small: 1, large: 2 };

describe("selectNamed", () => {
  it("[RUN-37] gives what is named, and the only choice when nothing is", () => {
    expect(selectNamed("size", "large", sizes)).toBe(2);
    expect(selectNamed("size", undefined, { small: 1 })).toBe(1);
  });

  it.each<[JsonValue | undefined, string]>([
    ["huge", 'There is no size named "huge". Known ones: large, small.'],
    ["constructor", 'There is no size named "constructor". Known ones: large, small.'],
    ["__proto__", 'There is no size named "__proto__". Known ones: large, small.'],
    ["x".repeat(1_000), `There is no size named "${"x".repeat(100)}". Known ones: large, small.`],
    [undefined, "The task names no size. Known ones: large, small."],
    [["large"], "The task names no size. Known ones: large, small."],
    [null, "The task names no size. Known ones: large, small."],
  ])("[RUN-37] rejects a task that names %j", (name, message) => {
    expect(() => selectNamed("size", name, sizes)).toThrow(new RuntimeError("rejected", message));
  });

  it("[RUN-37] rejects a name that is not known although there is only one", () => {
    expect(() => selectNamed("size", "large", { small: 1 })).toThrow(/no size named "large"/);
  });
});
