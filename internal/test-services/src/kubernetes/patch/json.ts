/** An object of JSON. */
export type JsonObject = Record<string, unknown>;

/** Whether it is an object of JSON: not null, no array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
