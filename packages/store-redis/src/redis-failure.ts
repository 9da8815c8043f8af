import { errorMessage } from "@mayfly/service";
import { StoreError } from "@mayfly/store";

/** Answers of Redis that mean "not now": node-redis passes them on, and the next try may succeed. */
const transient = /^(TRYAGAIN|CLUSTERDOWN|MASTERDOWN|LOADING|BUSY|READONLY)\b/;

/** Answers that no further try will change. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM|WRONGTYPE|ERR)\b/;

/** Whether the same call may succeed in a moment. */
export function isTransient(error: unknown): boolean {
  return transient.test(errorMessage(error));
}

/** Whether Redis does not let this client in, or is no Cluster although it should be. */
export function isRefused(error: unknown): boolean {
  return /^(WRONGPASS|NOAUTH|NOPERM)\b|^ERR .*cluster support disabled/.test(errorMessage(error));
}

/** Whether Redis does not know a script any more, or not yet. */
export function isUnknownScript(error: unknown): boolean {
  return errorMessage(error).startsWith("NOSCRIPT");
}

/** What a call gets once the store has been closed. */
export function closedError(): StoreError {
  return new StoreError("closed", "The Redis store has been closed.");
}

/**
 * The answer of a call that needs memory but is to be repeated like any other: whoever makes it cannot do without.
 *
 * @throws StoreError `unavailable` where the call would have failed as `full`
 */
export async function fullAsUnavailable<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (!StoreError.is(error) || error.code !== "full") throw error;
    throw new StoreError("unavailable", error.message, { cause: error });
  }
}

/** What a failed call means to the caller of the store. */
export function toStoreError(error: unknown, what: string): StoreError {
  if (StoreError.is(error)) return error;
  // What node-redis wraps when a reconnect strategy gives up.
  if (error instanceof Error && "originalError" in error) return toStoreError(error.originalError, what);
  const message = errorMessage(error);
  if (/^OOM\b/.test(message)) {
    return new StoreError("full", `Redis is out of memory, so ${what} was refused.`, { cause: error });
  }
  if (refusal.test(message)) {
    return new StoreError("incompatible", `Redis refused ${what}: ${message}`, { cause: error });
  }
  return new StoreError("unavailable", `Redis did not answer ${what}: ${message}`, { cause: error });
}
