import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type ConfigError, unusable } from "@mayfly/app-kit";
import { errorMessage } from "@mayfly/service";
import type { z } from "zod";

/** How large the file may be, in bytes. */
const maxBytes = 2 ** 20;

/**
 * The spec of a runtime: a file of JSON, absolute or relative to the working directory.
 *
 * @param path - the value of `MAYFLY_RUNTIME_SPEC`
 * @param defaults - members that the file may leave out and the schema would fill in otherwise
 * @throws ConfigError with all that is wrong, and where in the file
 */
export async function readRuntimeSpec<Spec>(
  path: string,
  schema: z.ZodType<Spec>,
  defaults: Readonly<Record<string, string>> = {},
): Promise<Spec> {
  const value = parseJson(path, await readText(path));
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const parsed = schema.safeParse(isObject ? { ...defaults, ...value } : value);
  if (parsed.success) return parsed.data;
  throw refused(path, parsed.error.issues.flatMap(problemsOf));
}

async function readText(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    const file = await stat(resolve(path));
    if (!file.isFile()) throw new Error("it is not a file");
    if (file.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    bytes = await readFile(resolve(path));
  } catch (error) {
    throw refused(path, [`cannot be read: ${errorMessage(error)}`], error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refused(path, ["is not UTF-8"], error);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === "__proto__") throw new Error("the name __proto__ is not allowed");
      return value;
    });
  } catch (error) {
    // What the parser says quotes the file, and the file may hold secrets.
    const isSyntax = error instanceof SyntaxError;
    const where = isSyntax ? (/ at position \d+( \(line \d+ column \d+\))?/.exec(error.message)?.[0] ?? "") : "";
    throw refused(path, [isSyntax ? `is not JSON${where}` : errorMessage(error)], error);
  }
}

/** What an issue says, and below it what is wrong with a name that a map may not have. */
function problemsOf(issue: z.core.$ZodIssue): readonly string[] {
  const inner = issue.code === "invalid_key" ? issue.issues.map(({ message }) => message) : [issue.message];
  const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
  return inner.map((message) => `${where}${message}`);
}

function refused(path: string, problems: readonly string[], cause?: unknown): ConfigError {
  return unusable(
    problems.map((problem) => `MAYFLY_RUNTIME_SPEC: ${path}: ${problem}`),
    { cause },
  );
}
