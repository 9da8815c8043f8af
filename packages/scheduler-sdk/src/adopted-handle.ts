import { isRecoverable, type Runtime } from "@mayfly/runtime";
import type { Granted, StoredHandle } from "@mayfly/store";

/** What finds the work again that an earlier owner has started, if `runtime` can take it over: its kind, in its scope. */
export function adoptedHandle(runtime: Runtime, { handle }: Granted): StoredHandle | undefined {
  const isReached = isRecoverable(runtime) && handle?.scope === runtime.scope && handle.runtime === runtime.kind;
  return isReached ? handle : undefined;
}
