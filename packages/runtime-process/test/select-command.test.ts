import type { JsonObject } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { describe, expect, it } from "vitest";
import { processSpecSchema } from "../src/index.ts";
import { selectCommand } from "../src/select-command.ts";

const spec = processSpecSchema.parse({
  commands: {
    plain: { argv: ["/bin/date", "{size}"] },
    resize: {
      argv: ["/usr/bin/resize", "--size={size}", "{file}", "{none}"],
      parameters: { size: { pattern: "\\d+|-", default: "100" }, file: { pattern: ".+" } },
    },
  },
});

const argvOf = (attributes: JsonObject): readonly string[] => selectCommand(spec, aTask({ attributes })).argv;
const resize = (args: JsonObject): readonly string[] => argvOf({ command: "resize", arguments: args });
const rejected = (message: RegExp): object =>
  expect.objectContaining({ code: "rejected", message: expect.stringMatching(message) as string }) as object;

describe("selectCommand", () => {
  it("[PROC-2] takes the command that is named, and leaves alone what only looks like a parameter", () => {
    expect(argvOf({ command: "plain" })).toEqual(["/bin/date", "{size}"]);
    expect(resize({ file: "{size}" })).toEqual(["/usr/bin/resize", "--size=100", "{size}", "{none}"]);
    expect(resize({ file: "a b;c$&", size: 7 })).toEqual(["/usr/bin/resize", "--size=7", "a b;c$&", "{none}"]);
  });

  it("[PROC-2] takes the only command for a task that names none", () => {
    const { plain } = spec.commands;
    const only = plain && { commands: { plain } };
    expect(only && selectCommand(only, aTask({ attributes: {} })).argv).toEqual(["/bin/date", "{size}"]);
  });

  it.each([undefined, 1, "", "Plain", "constructor", "__proto__", "/bin/date"])(
    "[PROC-2] rejects the command %s, and says which there are",
    (command) => {
      const start = (): unknown => argvOf(command === undefined ? {} : { command });
      expect(start).toThrow(rejected(/Known ones: plain, resize\./));
    },
  );

  it.each<[string, JsonObject]>([
    ["none that is needed", {}],
    ["one that the command does not have", { file: "a", colour: "red" }],
    ["one from a prototype", { file: "a", constructor: "red" }],
    ["one that the pattern does not allow", { file: "a", size: "7x" }],
    ["one with another line", { file: "a", size: "7\n" }],
    ["one that is no text", { file: ["a"] }],
    ["one with a NUL", { file: "a\0b" }],
    ["one that is too long", { file: "a".repeat(4_097) }],
    ["one that would be an option", { file: "--delete" }],
  ])("[PROC-2] rejects arguments: %s", (_name, args) => {
    expect(() => resize(args)).toThrow(rejected(/\w/));
  });

  it("[PROC-2] rejects arguments that are no object", () => {
    for (const args of ["a", ["a"], null, 1])
      expect(() => argvOf({ command: "plain", arguments: args })).toThrow(rejected(/must be an object/));
  });

  it("[PROC-2] takes a value with a hyphen where it cannot become an option", () => {
    expect(resize({ file: "a", size: "-" })[1]).toBe("--size=-");
  });
});
