import type { JsonValue } from "@mayfly/task";
import type { Result } from "./result.ts";
import { thrownMessage } from "./thrown-message.ts";

/**
 * How a run ended that returned `value`: complete with the value as JSON says it (a Date is its text, a member that is
 * undefined is left out), without one for undefined, and failed for what JSON cannot say.
 */
export function returnedResult(value: unknown): Result {
  if (value === undefined) return { status: "complete" };
  try {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return { status: "complete", value: JSON.parse(text) as JsonValue };
    return notJson(`a ${typeof value}`);
  } catch (error) {
    return notJson(thrownMessage(error));
  }
}

function notJson(why: string): Result {
  return { status: "failed", reason: "failed", message: `The handler returned a value that JSON cannot say: ${why}` };
}
