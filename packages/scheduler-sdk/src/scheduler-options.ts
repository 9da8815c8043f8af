import type { TaskQueue } from "@mayfly/queue";
import type { Runtime } from "@mayfly/runtime";
import type { Clock, Logger } from "@mayfly/service";
import type { TaskStore } from "@mayfly/store";
import type { Registration, Task, TaskView } from "@mayfly/task";
import type { RetryOptions } from "./retry.ts";

/** What a `Scheduler` is made of. */
export interface SchedulerOptions {
  /** Its name, which is the name of its queue and the `scheduler` of its tasks. Instances of one name share the work. */
  readonly name: string;
  /** Open, and closed by whoever opened it. */
  readonly store: TaskStore;
  /** Open, and closed by whoever opened it. */
  readonly queue: TaskQueue;
  /** Where tasks run. */
  readonly runtime: Runtime;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** What the API shows of it. @defaultValue `{}` */
  readonly registration?: Registration | undefined;
  /** How many tasks run at a time. @defaultValue 8 */
  readonly concurrency?: number | undefined;
  /** After how long without a sign of life a task is taken from this instance, in milliseconds. @defaultValue 30,000 */
  readonly leaseMs?: number | undefined;
  /** After how long the message of a running task is acknowledged, in milliseconds. @defaultValue 60,000 */
  readonly holdMs?: number | undefined;
  /** How many failures, lost instances included unless the work outlives them, end a task. @defaultValue 3 */
  readonly maxAttempts?: number | undefined;
  /** How long work that was told to stop may take before its task ends without it, in milliseconds. @defaultValue 10,000 */
  readonly stopGraceMs?: number | undefined;
  /**
   * Removes what the runtime still has of tasks that do not need it, of this scheduler and of others that the store knows,
   * if that outlives its scheduler. Turn it off when something else cleans the environment up. @defaultValue true
   */
  readonly reap?: boolean | undefined;
  /** Runs failed tasks again. @defaultValue a failure is final */
  readonly retry?: RetryOptions | undefined;
  /**
   * Told of each end that this instance decides or sees: the whole task, and how it ended. Ends that only the timeout
   * daemon or the API brought about (a task that never ran) are told through events instead.
   */
  readonly onEnd?: ((task: Task, view: TaskView) => unknown) | undefined;
}

/** How `Scheduler.stop` stops. */
export interface StopOptions {
  /**
   * The time for the whole of it, in milliseconds: tasks may finish until 5 s before its end, what then runs is told to
   * stop and given back, and 2 s before its end what has not stopped is given back all the same. @defaultValue 25,000
   */
  readonly graceMs?: number | undefined;
}
