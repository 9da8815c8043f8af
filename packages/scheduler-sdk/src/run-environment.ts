import type { Runtime } from "@mayfly/runtime";
import type { Clock, Logger } from "@mayfly/service";
import type { LeaseKeeper, TaskStore } from "@mayfly/store";
import type { Task, TaskView } from "@mayfly/task";
import type { RetryOptions } from "./retry.ts";

/** What every run of a scheduler shares. */
export interface RunEnvironment {
  readonly store: TaskStore;
  readonly runtime: Runtime;
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the end of a task waits for work that was told to stop, in milliseconds. */
  readonly stopGraceMs: number;
  readonly retry: RetryOptions | undefined;
  /** Told of each end that this scheduler decides or sees. Never throws. */
  readonly onEnd: (task: Task, view: TaskView) => Promise<void>;
  /** Fires when the process can wait for nothing any more. */
  readonly closing: AbortSignal;
}
