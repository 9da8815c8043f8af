import type { JsonValue } from "@mayfly/task";

/** How work ended. A value, never a thrown error; only the environment's own record of the end counts. */
export type Result = Complete | Failed;

/** The work did what it should. */
export interface Complete {
  readonly status: "complete";
  /** What it returned, if the environment can tell. */
  readonly value?: JsonValue | undefined;
}

/** The work did not do what it should. */
export interface Failed {
  readonly status: "failed";
  /** `failed`: the work itself; `runtime`: the infrastructure; `rejected`: it cannot run here. */
  readonly reason: "failed" | "runtime" | "rejected";
  /** A sentence for people. */
  readonly message?: string | undefined;
  readonly exitCode?: number | undefined;
  /** The signal that ended it, such as `SIGKILL`. */
  readonly signal?: string | undefined;
  readonly oomKilled?: boolean | undefined;
}
