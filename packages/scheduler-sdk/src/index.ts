/**
 * The front door for scheduler authors: takes tasks from a queue and runs them in a runtime.
 *
 * ```ts
 * const runtime = new InlineRuntime({ hello: async (task) => `Hello, ${task.attributes["name"]}!` });
 * const scheduler = await connectScheduler({ name: "hello", runtime });
 * await scheduler.start();
 * process.once("SIGTERM", () => scheduler.stop());
 * ```
 *
 * @packageDocumentation
 */
export { connectScheduler, type ConnectOptions } from "./connect.ts";
export { Scheduler } from "./scheduler.ts";
export type { SchedulerOptions, StopOptions } from "./scheduler-options.ts";
export type { RetryOptions } from "./retry.ts";
export { SchedulerError } from "./scheduler-error.ts";
export {
  type Handler,
  type HandlerContext,
  InlineRuntime,
  type InlineRuntimeOptions,
  type Result,
  type RunContext,
  Runtime,
  RuntimeError,
  StopReason,
} from "@mayfly/runtime";
export type { Task, TaskView } from "@mayfly/task";
