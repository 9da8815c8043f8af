import type { JsonValue, Task } from "@mayfly/task";
import type { Result } from "./result.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Where tasks run. Extend it for an infrastructure of your own, and prove it with `@mayfly/runtime/contract`.
 *
 * The owner of a run calls `start` once, stores the handle, calls `wait` (again, with the stored handle, after a
 * restart), `stop` if the work has to end early, and `destroy` at the end.
 *
 * @typeParam Handle - JSON that finds the work again, opaque to everyone else; give it a version
 */
export abstract class Runtime<Handle extends JsonValue = JsonValue> {
  /** What kind of environment this is, such as `inline` or `docker`; shown to operators and stored with the handle. */
  abstract readonly kind: string;

  /**
   * Starts `task` and resolves when the environment has accepted it. The name of what it creates is derived from the
   * task's id and `run.number`, and from `run.attempt` too when the work cannot outlive the process; what exists by that
   * name already is adopted. It lets no work begin once `run.signal` has fired.
   *
   * @throws RuntimeError when it cannot start; then nothing is left behind
   */
  abstract start(task: Task, run: RunContext): Promise<Handle>;

  /**
   * Resolves with how the work ended, also when it has ended already or was ended by {@link Runtime.stop}. Any number of
   * calls, before and after a restart for a runtime that is recoverable, give the same result.
   */
  abstract wait(handle: Handle, run: RunContext): Promise<Result>;

  /**
   * Asks the work to end, forces it after `graceMs` milliseconds where the environment can, and resolves when it has
   * ended or the grace is over. Work that is absent or has ended counts as stopped; twice is fine.
   */
  abstract stop(handle: Handle, options: { readonly graceMs: number }): Promise<void>;

  /** Removes what is left of work that has ended. Idempotent. The default has nothing to remove. */
  destroy(_handle: Handle): Promise<void> {
    return Promise.resolve();
  }
}
