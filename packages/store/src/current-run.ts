import type { StoredHandle } from "./owner.ts";

/**
 * Which run of a task counts, for whoever finds work in an environment and does not know whether anybody wants it.
 *
 * `lives`: the task is not done; `run` is the number of the execution that it is in, or begins with next, and `handle`
 * finds its work if that has been started. `gone`: the task is done, or there never was one. `unknown`: there is no
 * record, and the store may have lost it; somebody may bring it back.
 */
export type CurrentRun =
  | { readonly answer: "lives"; readonly run: number; readonly handle?: StoredHandle | undefined }
  | { readonly answer: "gone" | "unknown" };
