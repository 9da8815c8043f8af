/** Any value that JSON can say (RFC 8259). */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/** What is wrong with a value and where: the path from its root. */
export interface JsonFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** How deep `attributes` may be; the object itself is 1. */
export const maxJsonDepth = 32;

/**
 * Finds what no other check can be trusted to survive: nesting deeper than {@link maxJsonDepth}, a member named
 * `__proto__` at any depth, and a number too large for a double (`1e400`), which would be stored as null. Works level by level and never calls itself, so that no input can exhaust the stack.
 *
 * @returns the first fault, or undefined
 */
export function findJsonFault(value: unknown, maxDepth: number = maxJsonDepth): JsonFault | undefined {
  let level: { readonly value: unknown; readonly path: readonly (string | number)[] }[] = [{ value, path: [] }];
  for (let depth = 1; level.length > 0; depth++) {
    const deeper: typeof level = [];
    for (const { value: container, path } of level) {
      if (typeof container !== "object" || container === null) continue;
      if (depth > maxDepth)
        return { path, message: `is nested too deep; attributes may be ${maxJsonDepth} levels deep` };
      for (const key of Object.keys(container)) {
        const at = [...path, Array.isArray(container) ? Number(key) : key];
        if (key === "__proto__") return { path: at, message: "must not have a member named __proto__" };
        const member: unknown = (container as Record<string, unknown>)[key];
        if (typeof member === "number" && !Number.isFinite(member))
          return { path: at, message: "is a number that is too large for a double" };
        if (typeof member === "object" && member !== null) deeper.push({ value: member, path: at });
      }
    }
    level = deeper;
  }
  return undefined;
}
