/**
 * The runtime port: where tasks run. {@link InlineRuntime} runs them as functions in the current process; extend
 * {@link Runtime} for anything else, and prove it with `@mayfly/runtime/contract`.
 *
 * ```ts
 * const runtime = new InlineRuntime({ hello: async (task) => `Hello, ${task.attributes["name"]}!` });
 * ```
 *
 * @packageDocumentation
 */
export { Runtime } from "./runtime.ts";
export type { Complete, Failed, Result } from "./result.ts";
export { type Handler, type HandlerContext, type RunContext, type StopCode, StopReason } from "./run-context.ts";
export { type Checkable, type Health, isCheckable } from "./checkable.ts";
export { isRecoverable, type Owned, type Recoverable } from "./recoverable.ts";
export { Reaper, type ReaperOptions, type Standing } from "./reaper.ts";
export { type InlineHandle, InlineRuntime, type InlineRuntimeOptions } from "./inline-runtime.ts";
export { RuntimeError } from "./runtime-error.ts";
export { selectNamed } from "./select-named.ts";
export { runVariables, taskVariable } from "./run-variables.ts";
