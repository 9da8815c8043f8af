import { DispatcherError } from "@mayfly/dispatcher";
import { errorMessage, type Logger } from "@mayfly/service";
import { faultAt, HttpProblem } from "./http-problem.ts";

/**
 * The problem that anything thrown while a request is answered is for its client. What nobody foresaw is logged and
 * becomes `internal`, of which the client learns nothing.
 */
export function problemOf(error: unknown, logger: Logger): HttpProblem {
  if (HttpProblem.is(error)) return error;
  if (DispatcherError.is(error)) {
    const errors = error.path === undefined ? [] : [faultAt(error.path, error.message)];
    return new HttpProblem(error.code, error.message, { cause: error, errors });
  }
  logger.error(
    { error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined },
    "request failed unexpectedly",
  );
  return new HttpProblem(
    "internal",
    "The server failed. Repeat the request, and look into its log if that does not help.",
    {
      cause: error,
    },
  );
}
