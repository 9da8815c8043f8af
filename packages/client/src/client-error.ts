import type { Problem, ProblemCode } from "@mayfly/http-contract";

/** What can go wrong with a call: see {@link ClientError.code}. */
export type ClientErrorCode = ProblemCode | "unreachable" | "unexpected_answer" | "aborted";

const mark = Symbol.for("@mayfly/client/ClientError");

/** The one error of this package. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  /**
   * A code of the API; or `unreachable`: no answer came, also after repeats, and it is unknown whether the call took
   * effect; `unexpected_answer`: the answer is not Mayfly's (another server, a proxy, another version); `aborted`: the
   * caller's signal has fired, `cause` is its reason.
   */
  readonly code: ClientErrorCode;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** The answer's body, if it was a problem of the API. */
  readonly problem: Problem | undefined;

  constructor(
    code: ClientErrorCode,
    message: string,
    options?: ErrorOptions & { readonly status?: number; readonly problem?: Problem },
  ) {
    super(message, options);
    Object.defineProperty(this, mark, { value: true });
    this.code = code;
    this.status = options?.status;
    this.problem = options?.problem;
  }

  /** Whether `error` is a ClientError, of this or of another installed copy of the package. */
  static is(error: unknown): error is ClientError {
    return typeof error === "object" && error !== null && mark in error;
  }
}
