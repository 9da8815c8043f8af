import type { OwnerAnswer } from "./owner.ts";

/** How much of a task's log is kept, in bytes of UTF-8; what comes after it is cut off. */
export const maxLogBytes: number = 1_048_576;

/** The last line of a log that was cut off. */
export const logCutMark: string = `\n--- the log is cut here: it has reached ${maxLogBytes} bytes ---\n`;

/** `ok`: all of the text is in the log. `full`: the log takes no more, some or all of the text is cut off. */
export type LogAnswer = OwnerAnswer | "full";

/** Which piece of a log to read. */
export interface LogRequest {
  /** Where it begins: 0, or the `next` of the page before. */
  readonly from: number;
  /** How long it may be, in bytes of UTF-8, at least 4. */
  readonly limitBytes: number;
}

/** A piece of a log, of whole characters. */
export interface LogPage {
  readonly text: string;
  /** Where the log goes on, in bytes from its beginning; one that was asked for from beyond its end goes on at its end. */
  readonly next: number;
  /** Whether the task is done, or unknown, and nothing comes after this page. */
  readonly isEnded: boolean;
  /** Whether there is such a task, alive or done; without one there is no log. */
  readonly isKnown: boolean;
}
