import { setMaxListeners } from "node:events";
import { errorMessage } from "@mayfly/service";
import type { Teardown } from "./teardown.ts";

/** What {@link runToEnd} needs of the process that it ends. */
export interface EndingOptions {
  /** The work; resolves with the exit code. It hears of its end through `signal`. */
  readonly work: (signal: AbortSignal) => Promise<number>;
  readonly teardown: Teardown;
  readonly report: (line: string) => void;
  /** After how long the work counts as failed, in milliseconds. */
  readonly deadlineMs: number;
  /** How long the work may take to notice that it is to end, in milliseconds. @defaultValue 5000 */
  readonly noticeMs?: number;
  /** Calls back when somebody asks the process to end, with what the signal is called. */
  readonly onInterrupt: (interrupted: (signal: string) => void) => void;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/**
 * Runs something and ends the process afterwards, whatever happens: when the work is done, when it fails, at its
 * deadline, and when somebody asks. What was started is ended before.
 */
export async function runToEnd(options: EndingOptions): Promise<void> {
  const { work, teardown, report, deadlineMs, noticeMs = 5_000, onInterrupt, exit } = options;
  const ending = new AbortController();
  // Everything that waits for anything listens to it, hundreds at a time.
  setMaxListeners(0, ending.signal);
  let timer: NodeJS.Timeout | undefined;
  const cutShort = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`the run was not over after ${deadlineMs / 1_000} s`), deadlineMs);
    onInterrupt((signal) => resolve(`the run was ended by ${signal}`));
  });
  const done = Promise.resolve()
    .then(() => work(ending.signal))
    .catch((error: unknown) => {
      report(`chaos: FAILED, ${error instanceof Error ? (error.stack ?? error.message) : errorMessage(error)}`);
      return 1;
    });
  const outcome = await Promise.race([done, cutShort]);
  clearTimeout(timer);
  if (typeof outcome === "string") {
    report(`chaos: FAILED, ${outcome}`);
    ending.abort();
    await Promise.race([done, new Promise((resolve) => (timer = setTimeout(resolve, noticeMs)))]);
    clearTimeout(timer);
  }
  await teardown.run();
  exit(typeof outcome === "number" ? outcome : 1);
}
