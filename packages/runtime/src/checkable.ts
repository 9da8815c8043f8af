import type { JsonValue } from "@mayfly/task";
import type { Runtime } from "./runtime.ts";

/** The ability of a runtime to say whether its environment can take work now. */
export interface Checkable {
  /** Asks the environment. Never rejects: not to be reached is an answer. */
  health(): Promise<Health>;
}

/** Whether an environment can take work. */
export type Health = { readonly status: "healthy" } | { readonly status: "unhealthy"; readonly message: string };

/** Whether `runtime` can say how its environment fares. */
export function isCheckable<Handle extends JsonValue>(
  runtime: Runtime<Handle>,
): runtime is Runtime<Handle> & Checkable {
  return typeof (runtime as Partial<Checkable>).health === "function";
}
