import { type Problem, type ProblemCode, type ProblemError, problems } from "@mayfly/http-contract";

const mark = Symbol.for("@mayfly/http-server/HttpProblem");

/** More faults than this are not told. */
const maxErrors = 20;
/** A longer path is cut: it is made of what the client sent. */
const maxPathLength = 200;

/** Why a request is not answered with success: the one error of this package. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  /** Which of the contract's problems it is. */
  readonly code: ProblemCode;
  /** The HTTP status that goes with the code. */
  readonly status: number;
  /** The faults of the request; empty when it is none in particular. */
  readonly errors: readonly ProblemError[];
  /** Headers that the answer needs, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param code - which of the contract's problems it is
   * @param detail - a sentence that names the subject and says what to do; shown to the client
   */
  constructor(
    code: ProblemCode,
    detail: string,
    options?: ErrorOptions & {
      readonly errors?: readonly ProblemError[];
      readonly headers?: Readonly<Record<string, string>>;
    },
  ) {
    super(detail, options);
    Object.defineProperty(this, mark, { value: true });
    this.code = code;
    this.status = problems[code].status;
    this.errors = options?.errors ?? [];
    this.headers = { ...(this.status === 503 && { "Retry-After": "1" }), ...options?.headers };
  }

  /** Whether `error` is an HttpProblem, of this or of another installed copy of the package. */
  static is(error: unknown): error is HttpProblem {
    return typeof error === "object" && error !== null && mark in error;
  }

  /** The body of the answer. */
  toJSON(): Problem {
    const { code, status, message, errors } = this;
    return {
      type: `urn:mayfly:problem:${code}`,
      title: problems[code].title,
      status,
      detail: message,
      code,
      ...(errors.length > 0 && { errors: errors.slice(0, maxErrors) }),
    };
  }
}

/** A fault at a place of the request, in the form of the contract: the path's parts joined with dots. */
export function faultAt(path: readonly PropertyKey[], message: string): ProblemError {
  return { path: path.map(String).join(".").slice(0, maxPathLength), message };
}
