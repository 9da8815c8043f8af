/** What can be wrong with a store: see {@link StoreError.code}. */
export type StoreErrorCode = "unavailable" | "full" | "incompatible" | "invalid_cursor" | "closed";

const mark = Symbol.for("@mayfly/store/StoreError");

/** The one error of this package and of its adapters. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  /**
   * @param code - `unavailable`: it cannot be reached or did not answer in time, and whether the step was done is
   * unknown; `full`: it is out of memory and accepts nothing new; `incompatible`: its data or settings do not fit;
   * `invalid_cursor`: a cursor that no page had; `closed`: the store has been closed
   */
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, mark, { value: true });
  }

  /** Whether `error` is a StoreError, of this or of another installed copy of the package. */
  static is(error: unknown): error is StoreError {
    return typeof error === "object" && error !== null && mark in error;
  }
}
