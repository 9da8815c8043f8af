import type { Failed, Result } from "@mayfly/runtime";
import type { End } from "@mayfly/store";
import type { Reason } from "@mayfly/task";

/** What a handler returns is kept up to this size, in bytes of JSON; real data belongs elsewhere. */
const maxResultBytes = 16_384;

/** How a task ends whose work ended so. */
export function endOf(result: Result): End {
  if (result.status === "failed") return { outcome: "aborted", reason: reasonOf(result) };
  if (result.value === undefined) return { outcome: "complete" };
  const isSmall = Buffer.byteLength(JSON.stringify(result.value)) <= maxResultBytes;
  return isSmall ? { outcome: "complete", result: result.value } : { outcome: "complete", resultDropped: true };
}

/** Why work failed, in the words of the task. */
export function reasonOf(failed: Failed): Reason {
  return { code: failed.reason, ...(failed.message !== undefined && { message: failed.message.slice(0, 1_024) }) };
}
