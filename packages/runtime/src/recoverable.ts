import type { JsonValue } from "@mayfly/task";
import type { Runtime } from "./runtime.ts";

/**
 * The ability of a runtime whose work outlives the process that started it: another process on the same {@link scope}
 * can wait for it, stop it and remove it, given the handle. Add it to a {@link Runtime} with `implements`.
 *
 * @typeParam Handle - the runtime's own
 */
export interface Recoverable<Handle extends JsonValue = JsonValue> {
  /** Where its handles are valid, such as a host's or a cluster's name; stored beside each of them. */
  readonly scope: string;
  /** Everything in the scope that this kind of runtime has started and nobody has destroyed, running or ended. */
  list(): AsyncIterable<Owned<Handle>>;
}

/** A run as {@link Recoverable.list} finds it in the environment. */
export interface Owned<Handle extends JsonValue = JsonValue> {
  readonly handle: Handle;
  readonly taskId: string;
  /** The number of the run: `number` of the RunContext that started it. */
  readonly run: number;
  /** The name of the scheduler whose task it is. */
  readonly scheduler: string;
  /** When it was created, in epoch milliseconds by the environment's clock. */
  readonly createdAt: number;
}

/** Whether the work of `runtime` outlives this process and can be adopted. */
export function isRecoverable<Handle extends JsonValue>(
  runtime: Runtime<Handle>,
): runtime is Runtime<Handle> & Recoverable<Handle> {
  const candidate: Partial<Recoverable<Handle>> = runtime as Partial<Recoverable<Handle>>;
  return typeof candidate.scope === "string" && typeof candidate.list === "function";
}
