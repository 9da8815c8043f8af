import { type Clock, errorMessage, fullJitterMs, type Logger } from "@mayfly/service";
import type { Channel, ChannelModel } from "amqplib";
import { closeQuietly } from "./close-quietly.ts";

/** What a {@link KeptChannel} is made of. */
export interface KeptChannelOptions {
  /** The queue that it is for, as the log names it. */
  readonly queue: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Declares what is to be consumed. When it fails, the channel is closed, and another one is opened later. */
  readonly declare: (channel: Channel, model: ChannelModel) => Promise<void>;
  /** Begins to consume on the channel, which is {@link KeptChannel.current} by now. What fails here closes it. */
  readonly use: (channel: Channel) => Promise<void>;
  /** The current channel is gone, and what came on it is the broker's again. */
  readonly onLost: () => void;
}

const reopen = { baseMs: 100, maxMs: 5_000 };

/**
 * A channel of a consumer's own, opened again with backoff whenever it is lost while the connection goes on.
 *
 * States: `detached` (no connection) → `opening` → `open` → (lost) → `opening`; `ended` from each of them, for good.
 */
export class KeptChannel {
  readonly #options: KeptChannelOptions;
  readonly #ending = new AbortController();
  #model: ChannelModel | undefined;
  #current: Channel | undefined;
  #opening: Promise<void> | undefined;
  #failures = 0;
  #isFinal = false;

  constructor(options: KeptChannelOptions) {
    this.#options = options;
  }

  /** The channel, while there is one that has been declared on. */
  get current(): Channel | undefined {
    return this.#current;
  }

  /** Opens its channels on this connection from now on. */
  attach(model: ChannelModel): void {
    this.#model = model;
    this.#failures = 0;
    void this.#open();
  }

  /** The connection is gone. */
  detach(): void {
    this.#model = undefined;
    if (this.#current !== undefined) this.lose(this.#current);
  }

  /** The channel has proved good: the next one is opened without much delay. */
  praise(): void {
    this.#failures = 0;
  }

  /** Counts this channel as gone, without another one in its place. Does nothing when it is not the current one. */
  lose(channel: Channel): void {
    if (this.#current !== channel) return;
    this.#current = undefined;
    this.#options.onLost();
  }

  /** Counts this channel as gone, and opens another one later. Does nothing when it is not the current one. */
  replace(channel: Channel): void {
    if (this.#current !== channel) return;
    this.lose(channel);
    this.#openLater();
  }

  /** Opens no further channel. Resolves when the opening under way has ended, or had ended before. */
  async keepNoMore(): Promise<void> {
    this.#isFinal = true;
    this.#ending.abort();
    await this.#opening;
  }

  /** One at a time: two would make two channels, and each would take as many messages as there are slots. */
  #open(): Promise<void> {
    this.#opening ??= this.#tryOpen().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #tryOpen(): Promise<void> {
    const { queue, logger, declare, use } = this.#options;
    const model = this.#model;
    if (model === undefined || this.#current !== undefined || this.#isFinal) return;
    let channel: Channel | undefined;
    try {
      const opened = await model.createChannel();
      channel = opened;
      opened.on("error", (error) => logger.warn({ queue, error: error.message }, "consuming channel failed"));
      let isLost = false;
      opened.on("close", () => {
        isLost = true;
        this.replace(opened);
      });
      await declare(opened, model);
      if (isLost) throw new Error("The channel was lost while it was set up.");
      this.#current = opened;
      await use(opened);
    } catch (error) {
      logger.warn({ queue, error: errorMessage(error) }, "queue not subscribed, will be tried again");
      if (channel !== undefined) {
        this.lose(channel);
        void closeQuietly(channel);
      }
      this.#openLater();
    }
  }

  #openLater(): void {
    const waitMs = fullJitterMs(this.#failures++, reopen);
    void this.#options.clock.sleep(waitMs, { signal: this.#ending.signal }).then(() => this.#open());
  }
}
