import { type Clock, errorMessage, type Logger } from "@mayfly/service";

/** Says again and again that an instance lives. A beat that fails is left to the next one. */
export class Beats {
  readonly #beat: () => Promise<void>;
  readonly #periodMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly beat: () => Promise<void>;
    readonly periodMs: number;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#beat = options.beat;
    this.#periodMs = options.periodMs;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Resolves after the first beat, then goes on. */
  async start(): Promise<void> {
    await this.beatNow();
    this.#loop = this.#repeat();
  }

  /** One beat out of turn: something has changed. Never fails. */
  beatNow(): Promise<void> {
    const beat = this.#tryBeat().finally(() => this.#underWay.delete(beat));
    this.#underWay.add(beat);
    return beat;
  }

  /** Resolves when no beat is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#loop, ...this.#underWay]);
  }

  async #tryBeat(): Promise<void> {
    try {
      await this.#beat();
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, "sign of life not stored");
    }
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#clock.sleep(this.#periodMs, { signal });
      if (!signal.aborted) await this.beatNow();
    }
  }
}
