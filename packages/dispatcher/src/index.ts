/**
 * Accepts and announces tasks, and answers for them: what the API does, without HTTP, over the store and queue ports.
 *
 * ```ts
 * const dispatcher = new Dispatcher({ store, queue });
 * const { task } = await dispatcher.schedule({ scheduler: "hello", attributes: { name: "Ada" } });
 * const done = await dispatcher.wait(task.id, { waitMs: 10_000 });
 * ```
 *
 * @packageDocumentation
 */
export { Dispatcher, type DispatcherOptions, type Scheduled } from "./dispatcher.ts";
export type { LogPiece, ReadLog } from "./log-reader.ts";
export type { ScheduleTask } from "./schedule-task.ts";
export { DispatcherError, type DispatcherErrorCode } from "./dispatcher-error.ts";
