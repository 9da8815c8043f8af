/**
 * Doubles of the shared ports, for tests: a clock that moves by hand and a logger that remembers.
 *
 * @packageDocumentation
 */
export { ManualClock } from "./manual-clock.ts";
export { type LogEntry, RecordingLogger } from "./recording-logger.ts";
