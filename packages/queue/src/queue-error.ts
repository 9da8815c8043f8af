/** What can be wrong with a queue: see {@link QueueError.code}. */
export type QueueErrorCode = "unavailable" | "conflict" | "refused" | "closed";

const mark = Symbol.for("@mayfly/queue/QueueError");

/** The one error of this package and of its adapters. */
export class QueueError extends Error {
  override readonly name = "QueueError";
  readonly code: QueueErrorCode;

  /**
   * @param code - `unavailable`: the broker is away; `conflict`: a queue of this name with other arguments exists;
   * `refused`: the broker refuses for good (credentials, virtual host); `closed`: the queue has been closed
   */
  constructor(code: QueueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, mark, { value: true });
  }

  /** Whether `error` is a QueueError, of this or of another installed copy of the package. */
  static is(error: unknown): error is QueueError {
    return typeof error === "object" && error !== null && mark in error;
  }
}
