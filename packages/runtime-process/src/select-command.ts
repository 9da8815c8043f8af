import { RuntimeError, selectNamed } from "@mayfly/runtime";
import type { JsonObject, JsonValue, Task } from "@mayfly/task";
import { matchPattern } from "./match-pattern.ts";
import type { ProcessCommand, ProcessSpec } from "./process-spec.ts";

/** A command of the spec with the arguments of one task. */
export interface SelectedCommand {
  readonly command: ProcessCommand;
  readonly argv: readonly [string, ...string[]];
}

/** The longest value of a parameter, in UTF-16 units. */
const longestValue = 4_096;

/**
 * The command that the attribute `command` names, with the values that the attribute `arguments` gives its parameters.
 *
 * @throws RuntimeError `rejected` when there is no such command, nothing is named and there are several, or the spec does not allow the arguments
 */
export function selectCommand(spec: ProcessSpec, task: Task): SelectedCommand {
  const { command: name, arguments: given = {} } = task.attributes;
  const command = selectNamed("command", name, spec.commands);
  const values = valuesOf(command, given);
  const [program, ...rest] = command.argv;
  return { command, argv: [program, ...rest.map((argument) => filled(argument, values))] };
}

function valuesOf({ parameters }: ProcessCommand, given: JsonValue): ReadonlyMap<string, string> {
  if (!isObject(given)) throw rejected("The attribute arguments must be an object.");
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined) throw rejected(`The command has no parameter ${JSON.stringify(unknown)}.`);
  return new Map(
    Object.entries(parameters).map(([name, parameter]) => {
      const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
      if (value === undefined) throw rejected(`The command needs a value for its parameter ${name}.`);
      if (typeof value !== "string" && typeof value !== "number")
        throw rejected(`The value of the parameter ${name} must be a string or a number.`);
      const text = String(value);
      const match =
        text.length > longestValue || text.includes("\0") ? "differs" : matchPattern(parameter.pattern, text);
      if (match === "undecided") throw rejected(`The value of the parameter ${name} takes too long to match.`);
      if (match === "differs") throw rejected(`The value of the parameter ${name} is not allowed.`);
      return [name, text];
    }),
  );
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function filled(argument: string, values: ReadonlyMap<string, string>): string {
  const text = argument.replaceAll(/\{([A-Za-z][A-Za-z0-9_-]*)\}/g, (all, name: string) => values.get(name) ?? all);
  // A value must not become an option of the command, whatever its pattern says.
  if (text.startsWith("-") && !argument.startsWith("-")) throw rejected("A value must not begin with a hyphen here.");
  return text;
}

function rejected(message: string): RuntimeError {
  return new RuntimeError("rejected", message);
}
