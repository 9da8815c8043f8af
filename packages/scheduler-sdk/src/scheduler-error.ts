const mark = Symbol.for("@mayfly/scheduler-sdk/SchedulerError");

/** What is wrong with the options of a scheduler: the one error of this package. */
export class SchedulerError extends Error {
  override readonly name = "SchedulerError";
  readonly code: "invalid_options";

  constructor(code: "invalid_options", message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, mark, { value: true });
  }

  /** Whether `error` is a SchedulerError, of this or of another installed copy of the package. */
  static is(error: unknown): error is SchedulerError {
    return typeof error === "object" && error !== null && mark in error;
  }
}
