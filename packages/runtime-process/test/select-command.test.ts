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
    slow: { argv: ["/bin/show", "{file}"], parameters: { file: { pattern: "(\\w+\\.?)+\\.png" } } },
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
      expect(start).toThrow(rejected(/Known ones: plain, resize, slow\./));
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

  it("[PROC-20] rejects a value whose match has no end, and takes others of the same pattern", () => {
    const slow = (file: string): readonly string[] => argvOf({ command: "slow", arguments: { file } });
    const endless = "a".repeat(4_096);
    for (const file of [endless, endless]) expect(() => slow(file)).toThrow(rejected(/takes too long to match/));
    expect(slow("one.two.png")[1]).toBe("one.two.png");
    expect(() => slow("one.gif")).toThrow(rejected(/is not allowed/));
  });

  it("[PROC-20] matches values and patterns as they are, whatever is in them", () => {
    const text = "'\"`\\${1}\u2028\ud800*/\n";
    const select = (pattern: string): unknown => {
      const parameters = { text: { pattern } };
      const quoting = processSpecSchema.parse({ commands: { main: { argv: ["/bin/echo", "{text}"], parameters } } });
      return selectCommand(quoting, aTask({ attributes: { arguments: { text } } })).argv[1];
    };
    expect(select("'\"`\\\\\\$\\{1\\}\u2028\ud800\\*/\n")).toBe(text);
    expect(() => select("'\"`")).toThrow(rejected(/is not allowed/));
  });

  it("[PROC-2] takes a value with a hyphen where it cannot become an option", () => {
    expect(resize({ file: "a", size: "-" })[1]).toBe("--size=-");
  });
});
