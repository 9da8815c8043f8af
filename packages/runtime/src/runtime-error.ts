const mark = Symbol.for("@mayfly/runtime/RuntimeError");

/** A start that did not succeed: the one error that a {@link Runtime} throws. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  readonly code: "rejected" | "runtime";

  /** @param code - `rejected`: this task cannot run here, trying again is useless; `runtime`: the infrastructure failed */
  constructor(code: "rejected" | "runtime", message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, mark, { value: true });
  }

  /** Whether `error` is a RuntimeError, of this or of another installed copy of the package. */
  static is(error: unknown): error is RuntimeError {
    return typeof error === "object" && error !== null && mark in error;
  }
}
