/**
 * The runtime port on processes: a command for each task, in a process group of its own.
 *
 * ```ts
 * const runtime = new ProcessRuntime({ commands: { date: { argv: ["/bin/date", "-u"] } } });
 * ```
 *
 * @packageDocumentation
 */
export { type ProcessHandle, ProcessRuntime, type ProcessRuntimeOptions } from "./process-runtime.ts";
export { type ProcessCommand, type ProcessSpec, type ProcessSpecInput, processSpecSchema } from "./process-spec.ts";
