import { errorMessage } from "@mayfly/service";

/** The HTTP status that the engine answered with; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { readonly statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" ? status : undefined;
}

/** Whether asking again may help: the engine could not be reached, broke off, or failed for a reason of its own. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500;
}

/** What the engine says that is wrong, without what the client adds. */
export function engineMessage(error: unknown): string {
  const message = (error as { readonly json?: { readonly message?: unknown } | null } | null)?.json?.message;
  return typeof message === "string" ? message.trim() : errorMessage(error);
}
