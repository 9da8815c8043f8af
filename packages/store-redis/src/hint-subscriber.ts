import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import { StoreError, type Subscription } from "@mayfly/store";
import { connectClient } from "./connect-client.ts";
import { closedError } from "./redis-failure.ts";
import type { HintListener, RedisClient } from "./redis-client.ts";

/** Options of {@link HintSubscriber}. */
export interface HintSubscriberOptions {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly callTimeoutMs: number;
}

/** Called with a message; `close` ends the listening, also before {@link HintSubscriber.listen} has resolved. */
export type HintCall = (message: string, close: () => void) => void;

interface Listener {
  readonly call: HintCall;
  readonly close: () => void;
}

interface Channel {
  readonly listeners: Set<Listener>;
  readonly deliver: HintListener;
  readonly subscribed: Promise<void>;
}

/**
 * The one connection on which a store hears its hints. Any number of listeners share the subscription of a channel;
 * after a disconnect the client subscribes again by itself, and what was said in between is lost.
 */
export class HintSubscriber {
  readonly #options: HintSubscriberOptions;
  readonly #channels = new Map<string, Channel>();
  /** Subscriptions that nobody needs and that could not be ended: the client renews them at each connect. */
  #left: { readonly name: string; readonly deliver: HintListener }[] = [];
  #connecting: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(options: HintSubscriberOptions) {
    this.#options = options;
    const { client, logger } = options;
    client.on("error", (error) => logger.warn({ error: errorMessage(error) }, "The connection for hints failed"));
    // One that was just being made when the store was closed.
    client.on("ready", () => {
      if (this.#closing.signal.aborted) client.destroy();
      else this.#forgetLeft();
    });
  }

  /** Resolves when Redis has been reached for the first time; rejects when it lets nobody in, or on close. */
  async connect(): Promise<void> {
    const { client, clock } = this.#options;
    this.#connecting ??= connectClient(client, { clock, signal: this.#closing.signal, mayBeRefused: true });
    await this.#connecting;
  }

  /**
   * Calls `call` for each message of a channel from the moment at which this resolves.
   *
   * @throws StoreError `unavailable` when there is no connection or it does not answer in time
   */
  async listen(name: string, call: HintCall): Promise<Subscription> {
    if (this.#closing.signal.aborted) throw closedError();
    if (this.#options.client.isReady === false)
      throw new StoreError("unavailable", "There is no connection to Redis for hints.");
    const channel = this.#channels.get(name) ?? this.#subscribe(name);
    const close = (): void => {
      if (channel.listeners.delete(listener) && channel.listeners.size === 0) this.#unsubscribe(name, channel);
    };
    const listener = { call, close };
    channel.listeners.add(listener);
    try {
      await this.#withinTime(channel.subscribed);
    } catch (error) {
      close();
      throw new StoreError("unavailable", "Redis did not take a subscription.", { cause: error });
    }
    return { close };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#options.client.destroy();
    await this.#connecting?.catch(() => undefined);
    this.#options.client.destroy();
  }

  #subscribe(name: string): Channel {
    const listeners: Channel["listeners"] = new Set();
    const deliver: HintListener = (message) => {
      for (const listener of listeners) this.#call(listener, String(message));
    };
    const channel = { listeners, deliver, subscribed: this.#options.client.subscribe(name, deliver) };
    this.#channels.set(name, channel);
    return channel;
  }

  #unsubscribe(name: string, channel: Channel): void {
    if (this.#channels.get(name) === channel) this.#channels.delete(name);
    if (this.#closing.signal.aborted) return;
    this.#end({ name, deliver: channel.deliver });
  }

  #end(subscription: { readonly name: string; readonly deliver: HintListener }): void {
    const { name, deliver } = subscription;
    this.#options.client.unsubscribe(name, deliver).catch(() => void this.#left.push(subscription));
  }

  #forgetLeft(): void {
    const left = this.#left;
    this.#left = [];
    for (const subscription of left) this.#end(subscription);
  }

  /** An error must not reach the client: it would take it for a broken answer of Redis. */
  #call({ call, close }: Listener, message: string): void {
    try {
      call(message, close);
    } catch (error) {
      this.#options.logger.error({ error: errorMessage(error) }, "A hint was not taken");
    }
  }

  async #withinTime(done: Promise<void>): Promise<void> {
    const { clock, callTimeoutMs } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const timer = clock.setTimer(callTimeoutMs, () => reject(new Error("It took too long.")));
      done.finally(() => timer.cancel()).then(resolve, reject);
    });
  }
}
