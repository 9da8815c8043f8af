import type { Runtime } from "@mayfly/runtime";
import type { Granted } from "@mayfly/store";
import { adoptedHandle } from "./adopted-handle.ts";

/** The line in a task's log before the first one of a claim. */
export function logHeading(runtime: Runtime, granted: Granted): string {
  const adopted = adoptedHandle(runtime, granted) === undefined ? "" : ", adopted";
  return `--- attempt ${granted.attempt}, run ${granted.run}${adopted} ---`;
}
