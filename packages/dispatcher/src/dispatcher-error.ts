import { QueueError } from "@mayfly/queue";
import { StoreError } from "@mayfly/store";

/** Why the dispatcher refuses: see {@link DispatcherError.code}. */
export type DispatcherErrorCode =
  | "unknown_scheduler"
  | "unknown_task"
  | "task_conflict"
  | "invalid_task"
  | "invalid_request"
  | "registration_conflict"
  | "scheduler_busy"
  | "store_unavailable"
  | "broker_unavailable"
  | "too_many_followers";

const mark = Symbol.for("@mayfly/dispatcher/DispatcherError");

/** The one error of this package. Its message is a sentence that names the subject and says what to do. */
export class DispatcherError extends Error {
  override readonly name = "DispatcherError";
  readonly code: DispatcherErrorCode;
  /** Which member of the request is at fault; absent when it is none in particular. */
  readonly path: readonly (string | number)[] | undefined;

  /**
   * @param code - `unknown_scheduler`, `unknown_task`: there is none; `task_conflict`: the id is taken by a task of
   * other content; `invalid_task`, `invalid_request`: see `path`; `registration_conflict`: the broker has such a queue
   * with other arguments; `scheduler_busy`: tasks or instances of it live; `store_unavailable`, `broker_unavailable`:
   * it is unknown whether the request took effect, repeat it; `too_many_followers`: repeat later
   */
  constructor(
    code: DispatcherErrorCode,
    message: string,
    options?: ErrorOptions & { readonly path?: readonly (string | number)[] },
  ) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, mark, { value: true });
    this.path = options?.path;
  }

  /** Whether `error` is a DispatcherError, of this or of another installed copy of the package. */
  static is(error: unknown): error is DispatcherError {
    return typeof error === "object" && error !== null && mark in error;
  }
}

/** Runs `step` and turns what the store or the broker says of itself into the dispatcher's error. */
export async function translateErrors<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw translated(error);
  }
}

function translated(error: unknown): unknown {
  if (StoreError.is(error)) {
    if (error.code === "invalid_cursor")
      return new DispatcherError("invalid_request", error.message, { cause: error, path: ["cursor"] });
    return new DispatcherError("store_unavailable", "The store does not answer. Repeat the request with the same id.", {
      cause: error,
    });
  }
  if (QueueError.is(error)) {
    if (error.code === "refused") return new DispatcherError("broker_unavailable", error.message, { cause: error });
    return error.code === "conflict"
      ? new DispatcherError("registration_conflict", error.message, { cause: error })
      : new DispatcherError("broker_unavailable", "The broker does not answer. Repeat the request.", { cause: error });
  }
  return error;
}
