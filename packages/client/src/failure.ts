import { problemSchema, type Route } from "@mayfly/http-contract";
import { errorMessage } from "@mayfly/service";
import { ClientError } from "./client-error.ts";

/** Why one attempt came to nothing; `repeatAfterMs` is there when it is unknown whether it took effect. */
export interface Failure {
  readonly error: ClientError;
  readonly repeatAfterMs?: number;
}

/** The longest time that a server may make a client wait with `Retry-After`. */
const longestRetryAfterMs = 30_000;

/** What an answer says that is none of the route's successes. */
export function failureOf(route: Route, response: Pick<Response, "status" | "headers">, body: unknown): Failure {
  const { status, headers } = response;
  const problem = problemSchema.safeParse(body).data;
  const error =
    problem === undefined
      ? new ClientError(
          "unexpected_answer",
          `${route.method} ${route.path} was answered with ${status} and something that is not Mayfly's.`,
          { status },
        )
      : new ClientError(problem.code, problem.detail, { status, problem });
  // A gateway that has lost the server knows no more than one that cannot reach its store.
  return [502, 503, 504].includes(status) ? { error, repeatAfterMs: retryAfterMs(headers) } : { error };
}

/** What it means that a connection broke or was cut. */
export function brokenBy(
  cause: unknown,
  options: { readonly route: Route; readonly isLate: boolean; readonly signal: AbortSignal | undefined },
): Failure {
  const { route, isLate, signal } = options;
  if (signal?.aborted) return abortedBy(signal);
  const why = isLate ? "no answer in time" : errorMessage(cause);
  const error = new ClientError("unreachable", `${route.method} ${route.path} was not answered: ${why}.`, { cause });
  return { error, repeatAfterMs: 0 };
}

/** What it means that the caller does not want the answer any more. */
export function abortedBy(signal: AbortSignal): Failure {
  return { error: new ClientError("aborted", "The call was aborted by its caller.", { cause: signal.reason }) };
}

/** The value that JSON text stands for; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get("Retry-After") ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds) * 1_000, longestRetryAfterMs) : 0;
}
