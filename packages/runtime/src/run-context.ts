import type { JsonValue, Task } from "@mayfly/task";

/** Why a run has to end early. */
export type StopCode = "abort" | "timeout" | "lost" | "shutdown";

const mark = Symbol.for("@mayfly/runtime/StopReason");

/** What `run.signal.reason` is once the signal has fired. */
export class StopReason extends Error {
  override readonly name = "StopReason";
  readonly code: StopCode;

  /**
   * @param code - `abort`: somebody asked; `timeout`: the task's time is over; `lost`: another instance may own the task
   * now; `shutdown`: this process ends and the task will run elsewhere
   */
  constructor(code: StopCode, message: string) {
    super(message);
    this.code = code;
    Object.defineProperty(this, mark, { value: true });
  }

  /** Whether `value` is a StopReason, of this or of another installed copy of the package. */
  static is(value: unknown): value is StopReason {
    return typeof value === "object" && value !== null && mark in value;
  }
}

/** What a run is told, and what it can say. */
export interface RunContext {
  /** Fires when the work should end early; `signal.reason` is a {@link StopReason}. */
  readonly signal: AbortSignal;
  /** The number of the claim, from 1: grows with every owner that the task has had. */
  readonly attempt: number;
  /** The number of the execution, from 1: names what a runtime creates, and stays when a run is adopted. */
  readonly number: number;
  /** When the task's time is over, in epoch milliseconds by this host's clock. */
  readonly deadline: number;
  /**
   * Until when the task's log has what the work has said, as the latest `saidAt`: lines of that millisecond may be missing,
   * earlier ones are not. Only of a run that is adopted; undefined: not known, all of its output is to be told.
   */
  readonly loggedAt?: number | undefined;
  /**
   * Says a line in the task's log: at most 8 KiB, and 1 MiB for all attempts together. Never fails, and waits for nothing.
   *
   * @param options - `saidAt`: when the work said it, in epoch milliseconds by the clock of where it runs. For runtimes
   * whose work can be adopted and whose output can be read again: the next owner is told how far it is logged
   */
  log(line: string, options?: { readonly saidAt?: number | undefined }): void;
  /** Reports how far the work is: JSON of at most 4 KiB, the last one wins, stored at most once a second. Never fails. */
  progress(value: JsonValue): void;
  /** W3C Trace Context of the request that scheduled the task. */
  readonly traceparent?: string | undefined;
}

/** What a handler gets as its second argument. */
export interface HandlerContext extends RunContext {
  /** Says that this task cannot run here: it ends as aborted, `rejected`, and is not tried again. */
  reject(message: string): never;
}

/**
 * Work of an {@link InlineRuntime}. Returns: complete, and what it returns becomes the task's `result`. Throws: failed,
 * with the message of what it throws. It should end soon once `run.signal` has fired, and must bear being run again.
 */
export type Handler = (task: Task, run: HandlerContext) => unknown;
