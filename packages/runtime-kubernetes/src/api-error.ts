import { RuntimeError } from "@mayfly/runtime";
import { errorMessage } from "@mayfly/service";

/** An answer of the API server that says no. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status. */
  readonly status: number;
  /** Such as `AlreadyExists` or `Expired`; empty when the answer has none. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Reads the JSON of a Status object (Kubernetes API, `meta/v1`), in an answer's body or in an event of a watch. */
export function apiErrorOf(status: number, body: unknown): ApiError {
  const { code, reason, message } = (body ?? {}) as Readonly<Record<"code" | "reason" | "message", unknown>>;
  return new ApiError(
    typeof code === "number" ? code : status,
    typeof reason === "string" ? reason : "",
    typeof message === "string" && message !== "" ? message : `The API server answered with status ${status}.`,
  );
}

/** The HTTP status that the API server answered with; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof ApiError ? error.status : undefined;
}

/** Whether asking again may help: the server could not be reached, broke off, is busy, or failed for a reason of its own. */
export function isPassing(error: unknown): boolean {
  if (RuntimeError.is(error)) return false;
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 429;
}

/**
 * Whether the server refuses who asks, and not what is asked for: credentials that are out of date (401), a right that is
 * missing, a quota that is used up (403). All of that may change. What a policy for objects denies stays denied.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
export function isRefusal(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return (
    error.status === 401 || (error.status === 403 && !/ denied (the )?request|violates PodSecurity/.test(error.message))
  );
}

/** What Node says of a certificate that it does not trust (Node, "TLS", X509 certificate error codes). */
const untrusted: ReadonlySet<unknown> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** What is wrong, with the cause that Node hides behind a connection that failed on several addresses. */
export function apiMessage(error: unknown): string {
  if (error instanceof Error && "code" in error && untrusted.has(error.code))
    return `The API server's certificate is refused: ${error.message}`;
  if (error instanceof AggregateError && error.message === "")
    return error.errors.map((each: unknown) => errorMessage(each)).join("; ");
  return errorMessage(error);
}
