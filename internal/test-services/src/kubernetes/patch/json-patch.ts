import { isDeepStrictEqual } from "node:util";
import { isJsonObject } from "./json.ts";

/**
 * Applies a JSON patch (RFC 6902) to a copy.
 *
 * @throws Error when a path is missing or a test fails; nothing is changed then.
 */
export function jsonPatch(target: unknown, operations: readonly unknown[]): unknown {
  // The document lives in a member of its own, so that the empty path is no special case.
  const root = { document: structuredClone(target) };
  for (const operation of operations) apply(root, operation);
  return root.document;
}

function apply(root: object, operation: unknown): void {
  if (!isJsonObject(operation)) throw new Error("an operation must be an object");
  const path = pointer(operation["path"]);
  switch (operation["op"]) {
    case "add":
      add(root, path, operation["value"]);
      break;
    case "remove":
      remove(root, path);
      break;
    case "replace":
      remove(root, path);
      add(root, path, operation["value"]);
      break;
    case "move": {
      const value = valueAt(root, pointer(operation["from"]));
      remove(root, pointer(operation["from"]));
      add(root, path, value);
      break;
    }
    case "copy":
      add(root, path, structuredClone(valueAt(root, pointer(operation["from"]))));
      break;
    case "test":
      if (!isDeepStrictEqual(valueAt(root, path), operation["value"])) throw new Error("testing path failed");
      break;
    default:
      throw new Error(`unexpected kind: ${String(operation["op"])}`);
  }
}

function pointer(path: unknown): readonly string[] {
  if (typeof path !== "string" || !/^(\/|$)/.test(path)) throw new Error("a path must be a JSON pointer");
  return `/document${path}`
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
      throw new Error(`the path ${path.slice(1).join("/")} does not exist`);
    value = Reflect.get(value, part);
  }
  return value;
}

function add(root: object, path: readonly string[], value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(last === "-" ? parent.length : indexOf(last, parent.length), 0, value);
  else if (isJsonObject(parent)) parent[last] = value;
  else throw new Error(`the path ${path.slice(1).join("/")} does not exist`);
}

function remove(root: object, path: readonly string[]): void {
  valueAt(root, path);
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(indexOf(last, parent.length - 1), 1);
  else if (isJsonObject(parent)) delete parent[last];
}

function indexOf(part: string, highest: number): number {
  const index = /^(0|[1-9]\d*)$/.test(part) ? Number(part) : Number.NaN;
  if (!(index <= highest)) throw new Error(`the index ${part} is out of bounds`);
  return index;
}
