import { createHash } from "node:crypto";
import type { JsonObject } from "@mayfly/task";

/** Tells attributes apart, the order of their members included, for nothing may change it. */
export function contentOf(attributes: JsonObject): string {
  return createHash("sha256").update(JSON.stringify(attributes)).digest("hex").slice(0, 16);
}
