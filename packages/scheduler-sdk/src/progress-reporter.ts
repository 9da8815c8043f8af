import { type Clock, errorMessage, type Logger, type Timer } from "@mayfly/service";
import type { JsonValue } from "@mayfly/task";
import type { OwnedTask } from "./owned-task.ts";

const maxBytes = 4_096;
const pauseMs = 1_000;

/** Stores what a run reports: the last value wins, at most once a second, and a failure to store it changes nothing. */
export class ProgressReporter {
  readonly #owned: Pick<OwnedTask, "owner" | "progress">;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting: string | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: {
    readonly owned: Pick<OwnedTask, "owner" | "progress">;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#owned = options.owned;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Takes a value; what is no JSON or larger than 4 KiB is refused with a warning in the log. */
  report(value: JsonValue): void {
    if (this.#isClosed) return;
    const text = jsonText(value);
    if (text === undefined || Buffer.byteLength(text) > maxBytes) {
      this.#logger.warn({ task: this.#owned.owner.id }, "progress refused: it must be JSON of at most 4 KiB");
      return;
    }
    this.#waiting = text;
    if (this.#timer === undefined) this.#send();
  }

  /** Takes nothing more, and resolves when the last value is stored or cannot be: the work has ended. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#storeLast();
  }

  #send(): void {
    this.#timer = undefined;
    if (this.#waiting === undefined) return;
    this.#timer = this.#clock.setTimer(pauseMs, () => this.#send());
    void this.#storeLast();
  }

  async #storeLast(): Promise<void> {
    const value = this.#waiting;
    this.#waiting = undefined;
    if (value === undefined) return;
    try {
      await this.#owned.progress(value);
    } catch (error) {
      this.#logger.debug({ task: this.#owned.owner.id, error: errorMessage(error) }, "progress not stored");
    }
  }
}

function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
