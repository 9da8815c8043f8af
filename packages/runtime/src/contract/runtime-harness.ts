import type { JsonValue, Task } from "@mayfly/task";
import type { Runtime } from "../runtime.ts";

/** A runtime under test and its environment: what the contract needs to make work there and to look at it from outside. */
export interface RuntimeHarness {
  readonly runtime: Runtime;
  /** Makes tasks, each with an id of its own, that behave as the name says in this environment. */
  readonly tasks: RuntimeTasks;
  /**
   * Whether the work of a run, with everything it has started, is running: as the environment shows it, not as the
   * runtime says. False before it has begun and when it is absent.
   */
  isRunning(handle: JsonValue): Promise<boolean>;
  /** `adopt`: how many times the work of this task has begun, in all runs. */
  timesBegun?(task: Task): Promise<number>;
  /** `leavesNothing`: whether anything of this run exists in the environment. */
  remains?(task: Task, run: number): Promise<boolean>;
  /** `recover`: another runtime over the same environment, as in the process that comes next. */
  restart?(): Promise<Runtime>;
  /** `keepsWithoutLogs`: breaks the streams that carry the output of work that is running. */
  loseLogs?(): Promise<void>;
  /** Ends what is left and frees the environment. */
  close(): Promise<void>;
}

/** See {@link RuntimeHarness.tasks}. The optional ones belong to the {@link RuntimeAbility} that they name. */
export interface RuntimeTasks {
  /** Ends well, soon; returns `value` if work can return something here (`returns`). */
  complete(value?: JsonValue): Task;
  /** Fails, soon; says `message` if work can say something here (`returns`). */
  fail(message: string): Task;
  /** Runs until it is asked to end, and ends soon then, but not at once. */
  slow(): Task;
  /** `reject`: begins, and says that it cannot run here. */
  reject?(message: string): Task;
  /** `refuse`: `start` sees that it cannot run here, such as an unknown handler or a forbidden image. */
  refused?(): Task;
  /** `leavesNothing`: `start` fails half-way, after it has created something. */
  brokenStart?(): Task;
  /** `stubborn`: runs on although it is asked to end. */
  stubborn?(): Task;
  /** `bigOutput`: writes so many bytes where output goes, then completes. */
  loud?(bytes: number): Task;
}

/**
 * What a runtime can do beyond what every runtime must.
 *
 * - `returns`: the value that work returns, and the message that it fails with, reach the result
 * - `reject`: work can say that it cannot run here
 * - `refuse`: `start` rejects a task that cannot run here
 * - `adopt`: `start` with the name of a run that exists gives that run
 * - `leavesNothing`: a start that fails half-way, and a destroyed run, leave nothing in the environment
 * - `stubborn`: work can fail to end when it is asked to
 * - `force`: such work is ended by force; wants `stubborn`
 * - `ignoresSignal`: work does not hear of the owner's signal, only of `stop`
 * - `deadline`: the environment itself ends work at the deadline
 * - `bigOutput`: work can write output
 * - `keepsWithoutLogs`: the streams of output can break
 * - `recover`: the runtime is `Recoverable`
 * - `health`: the runtime is `Checkable`
 */
export type RuntimeAbility =
  | "returns"
  | "reject"
  | "refuse"
  | "adopt"
  | "leavesNothing"
  | "stubborn"
  | "force"
  | "ignoresSignal"
  | "deadline"
  | "bigOutput"
  | "keepsWithoutLogs"
  | "recover"
  | "health";
