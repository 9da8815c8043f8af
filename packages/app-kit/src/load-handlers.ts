import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Handler } from "@mayfly/runtime";
import { errorMessage } from "@mayfly/service";
import { ConfigError } from "./env.ts";
import { exampleHandlers } from "./example-handlers.ts";

/**
 * The handlers of an ES module, absolute or relative to the working directory: its named exports that are functions.
 * Without a module, the example handlers.
 *
 * @throws ConfigError when it cannot be loaded or exports no handler
 */
export async function loadHandlers(path: string | undefined): Promise<Readonly<Record<string, Handler>>> {
  if (path === undefined) return exampleHandlers;
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(`MAYFLY_HANDLERS: ${path} cannot be loaded: ${errorMessage(error)}`, { cause: error });
  }
  const handlers = Object.entries(module).filter(
    (entry): entry is [string, Handler] => entry[0] !== "default" && typeof entry[1] === "function",
  );
  if (handlers.length === 0) {
    throw new ConfigError(`MAYFLY_HANDLERS: ${path} has no named export that is a function.`);
  }
  return Object.fromEntries(handlers);
}
