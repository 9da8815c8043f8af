import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import { LogBuffer } from "./log-buffer.ts";
import type { OwnedTask } from "./owned-task.ts";

/** Lines are written when so many bytes wait, or so long after the first one. */
const batchBytes = 16_384;
const batchMs = 500;
/** How much is written at once, in bytes. */
const maxBatchBytes = 262_144;
/** After how long what the store has not taken is tried again, and in a hurry. */
const retryMs = 1_000;
const hurriedRetryMs = 200;
/** How long the end of a run waits for its last lines to be stored, in milliseconds. */
const lastLinesMs = 1_000;

/** What a {@link LogWriter} is made of. */
export interface LogWriterOptions {
  readonly owned: Pick<OwnedTask, "owner" | "appendLog">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Fires when the process can wait for nothing any more. */
  readonly closing: AbortSignal;
  /** The line before the first one. */
  readonly heading: string;
}

/**
 * Stores what a run says, in batches, one at a time: nothing waits for it, and a store that is away costs lines at worst.
 *
 * States: `open` → (hurry) → lines are written as they come → (close) → `over`. Also `over` as soon as the store takes no
 * more: nothing is kept any longer.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #buffer = new LogBuffer();
  #isHeaded = false;
  #isHurried = false;
  #isOver = false;
  #hasFailed = false;
  #pause = new AbortController();
  #writing: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /**
   * Takes a line. Never fails; after the end, or when the log is full, it changes nothing.
   *
   * @param saidAt - when the work said it, in epoch milliseconds by the clock of where it runs
   */
  say(line: string, saidAt?: number): void {
    if (this.#isOver || this.#closed !== undefined) return;
    if (!this.#isHeaded) this.#buffer.add(this.#options.heading);
    this.#isHeaded = true;
    this.#buffer.add(line, saidAt);
    if (this.#isDue && !this.#hasFailed) this.#pause.abort();
    this.#writing ??= this.#write();
  }

  /** The store may end the task at any moment: what waits is written at once, and so is what comes. */
  hurry(): void {
    this.#isHurried = true;
    this.#pause.abort();
  }

  /** Takes nothing more, and resolves when the rest is stored, or a second later. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.hurry();
    if (this.#writing !== undefined) await this.#within(lastLinesMs, this.#writing);
    this.#isOver = true;
    this.#pause.abort();
    if (this.#buffer.size > 0) {
      const { owned, logger } = this.#options;
      logger.warn({ task: owned.owner.id, bytes: this.#buffer.size }, "last lines of the task not stored");
    }
    this.#buffer.clear();
  }

  get #isDue(): boolean {
    return this.#isHurried || this.#buffer.size >= batchBytes;
  }

  /** Writes until nothing waits. */
  async #write(): Promise<void> {
    while (this.#buffer.size > 0) {
      await this.#untilDue();
      if (!this.#isOver) await this.#writeBatch();
    }
    this.#writing = undefined;
  }

  async #untilDue(): Promise<void> {
    if (this.#isDue && !this.#hasFailed) return;
    const failedMs = this.#isHurried ? hurriedRetryMs : retryMs;
    this.#pause = new AbortController();
    await this.#options.clock.sleep(this.#hasFailed ? failedMs : batchMs, { signal: this.#pause.signal });
  }

  async #writeBatch(): Promise<void> {
    const { owned, logger } = this.#options;
    const { text, size, saidAt } = this.#buffer.head(maxBatchBytes);
    try {
      const answer = await owned.appendLog(text, saidAt);
      this.#hasFailed = answer === "lost";
      // Nobody waited for the answer to the last lines any longer.
      if (this.#isOver) return;
      if (answer === "ok") this.#buffer.discard(size);
      else if (answer !== "lost") this.#end();
    } catch (error) {
      // Whether the store has taken it is not known: then it is there twice.
      this.#hasFailed = true;
      logger.debug({ task: owned.owner.id, error: errorMessage(error) }, "log not stored, will be tried again");
    }
  }

  /** The log is full, or another's, or at its end. */
  #end(): void {
    this.#isOver = true;
    this.#buffer.clear();
  }

  async #within(limitMs: number, step: Promise<void>): Promise<void> {
    const { clock, closing } = this.#options;
    const over = new AbortController();
    const end = (): void => over.abort();
    closing.addEventListener("abort", end);
    if (closing.aborted) end();
    await Promise.race([step, clock.sleep(limitMs, { signal: over.signal })]);
    end();
    closing.removeEventListener("abort", end);
  }
}
