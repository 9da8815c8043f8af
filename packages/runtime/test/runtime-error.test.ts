import { describe, expect, it } from "vitest";
import { RuntimeError, StopReason } from "../src/index.ts";

describe.each([
  ["RuntimeError", RuntimeError, () => new RuntimeError("runtime", "no daemon", { cause: "why" })],
  ["StopReason", StopReason, () => new StopReason("timeout", "no daemon")],
])("%s", (name, type, create) => {
  it("is an error with a name, a message and a code", () => {
    expect(create()).toBeInstanceOf(Error);
    expect(create()).toMatchObject({ name, message: "no daemon", code: expect.stringMatching(/^(runtime|timeout)$/) });
  });

  it("is known across installed copies, and nothing else is taken for it", () => {
    const fromAnotherCopy = { [Symbol.for(`@mayfly/runtime/${name}`)]: true };
    expect([create(), fromAnotherCopy].map((value) => type.is(value))).toEqual([true, true]);
    expect([new Error("no daemon"), null, undefined, name, {}].map((value) => type.is(value))).not.toContain(true);
  });
});

it("RuntimeError keeps its cause", () => {
  expect(new RuntimeError("runtime", "no daemon", { cause: "why" }).cause).toBe("why");
});
