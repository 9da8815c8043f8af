import type { Logger, LogMethod } from "./logger.ts";

/** One line that a {@link RecordingLogger} was given. */
export interface LogEntry {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A {@link Logger} that keeps every line in {@link RecordingLogger.entries}, oldest first. */
export class RecordingLogger implements Logger {
  readonly entries: LogEntry[] = [];
  readonly debug: LogMethod = this.#record("debug");
  readonly info: LogMethod = this.#record("info");
  readonly warn: LogMethod = this.#record("warn");
  readonly error: LogMethod = this.#record("error");

  #record(level: keyof Logger): LogMethod {
    return (fields, message) => void this.entries.push({ level, message, fields });
  }
}
