import { createHash } from "node:crypto";
import type { JsonValue, Task } from "@mayfly/task";

/**
 * What makes two requests with the same id the same request (I12): SHA-256, in hex, of scheduler and attributes as JSON
 * in which every object's members are sorted by name. The timeout is compared by itself, for it may have been left to
 * the default.
 */
export function contentHash(task: Pick<Task, "scheduler" | "attributes">): string {
  return createHash("sha256")
    .update(canonicalJson([task.scheduler, task.attributes]))
    .digest("hex");
}

/** Recursive: what comes here has passed the depth limit of the task's schema. */
function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
