import { describe, expect, it } from "vitest";
import { processSpecSchema } from "../src/index.ts";

const argv = ["/bin/true", "{size}"];

describe("processSpecSchema", () => {
  it("[PROC-1] fills in what an operator leaves out", () => {
    expect(processSpecSchema.parse({ commands: { main: { argv: ["date"] } } })).toEqual({
      commands: {
        main: {
          argv: ["date"],
          parameters: {},
          env: {},
          maxLogBytes: 1_048_576,
          maxLogLineBytes: 8_192,
          rejectExitCodes: [64],
        },
      },
    });
  });

  it.each([
    ["no commands", {}],
    ["a command without a program", { main: { argv: [] } }],
    ["an empty program", { main: { argv: [""] } }],
    ["a NUL in an argument", { main: { argv: ["date", "a\0b"] } }],
    ["a name that is not one", { "a b": { argv: ["date"] } }],
    ["a member that it does not know", { main: { argv: ["date"], shell: true } }],
    ["a folder that depends on where it is started", { main: { argv: ["date"], cwd: "work" } }],
    ["a variable of the runtime's own", { main: { argv: ["date"], env: { MAYFLY_RUN: "2" } } }],
    ["a variable with an equals sign", { main: { argv: ["date"], env: { "A=B": "2" } } }],
    ["a pattern that is none", { main: { argv, parameters: { size: { pattern: "(" } } } }],
    ["a pattern that closes what it did not open", { main: { argv, parameters: { size: { pattern: "a)|(b" } } } }],
    [
      "a default that its pattern does not allow",
      { main: { argv, parameters: { size: { pattern: "a", default: "b" } } } },
    ],
    [
      "a default whose match has no end",
      { main: { argv, parameters: { size: { pattern: "(\\w+\\.?)+\\.png", default: "a".repeat(4_096) } } } },
    ],
    ["a parameter that argv does not use", { main: { argv: ["date"], parameters: { size: { pattern: "a" } } } }],
    ["a program that tasks choose", { main: { argv: ["{size}", "{size}"], parameters: { size: { pattern: "a" } } } }],
  ])("[PROC-1] refuses %s", (_name, commands) => {
    expect(processSpecSchema.safeParse({ commands }).success).toBe(false);
  });
});
