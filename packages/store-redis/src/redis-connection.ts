import { type Clock, errorMessage, fullJitterMs, type Logger } from "@mayfly/service";
import { StoreError } from "@mayfly/store";
import { connectClient } from "./connect-client.ts";
import type { RedisClient, ScriptCall } from "./redis-client.ts";
import { closedError, isTransient, isUnknownScript, toStoreError } from "./redis-failure.ts";
import type { Script } from "./script.ts";

/** Options of {@link RedisConnection}. */
export interface RedisConnectionOptions {
  readonly createClient: () => RedisClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a call may take, its repeats included. */
  readonly callTimeoutMs: number;
  /** Called each time that a connection has been made. */
  readonly onReady: () => void;
}

/**
 * A connection to Redis on which scripts run. Each call ends within its time, whatever becomes of Redis, with the
 * script's answer or with a StoreError.
 *
 * A connection on which calls have waited for two calls' time without a word is replaced: a peer that has vanished would
 * otherwise be waited for as long as the kernel repeats its packets.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #client: RedisClient;
  #connecting: Promise<void> | undefined;
  /** Since when calls have waited without a word, by the monotonic clock. */
  #silentSinceMs: number | undefined;
  readonly #closing = new AbortController();

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#client = this.#createClient();
  }

  /** Resolves when Redis has been reached for the first time; rejects when it lets nobody in, or on close. */
  async connect(): Promise<void> {
    this.#connecting ??= this.#connect({ mayBeRefused: true });
    await this.#connecting;
  }

  /**
   * Runs a script: at once or not at all when there is no connection, again while Redis says "not now".
   *
   * @param untilMs - when the call ends at the latest, by the monotonic clock @defaultValue now + `callTimeoutMs`
   */
  run(script: Script, keys: readonly string[], args: readonly string[], untilMs?: number): Promise<unknown> {
    const { clock, callTimeoutMs } = this.#options;
    const call = this.#run(
      script,
      { keys: [...keys], arguments: [...args] },
      untilMs ?? clock.monotonicMs() + callTimeoutMs,
    );
    this.#underWay.add(call);
    const forget = (): void => void this.#underWay.delete(call);
    call.then(forget, forget);
    return call;
  }

  /** Lets the calls that are under way end, then disconnects. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
    this.#client.destroy();
    // A connection that is just being made is only known to the client once it is there.
    await this.#connecting?.catch(() => undefined);
    this.#client.destroy();
  }

  async #run(script: Script, call: ScriptCall, untilMs: number): Promise<unknown> {
    const { clock } = this.#options;
    for (let attempt = 0; ; attempt++) {
      if (this.#closing.signal.aborted) throw closedError();
      try {
        return await this.#withinTime(this.#evaluate(script, call), untilMs);
      } catch (error) {
        const leftMs = untilMs - clock.monotonicMs();
        if (!isTransient(error) || leftMs <= 0) throw toStoreError(error, script.name);
        await clock.sleep(Math.min(leftMs, fullJitterMs(attempt, { baseMs: 20, maxMs: 500 })));
      }
    }
  }

  async #evaluate(script: Script, call: ScriptCall): Promise<unknown> {
    try {
      return await this.#client.evalSha(script.sha1, call);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return await this.#client.eval(script.lua, call);
    }
  }

  async #withinTime<Answer>(answer: Promise<Answer>, untilMs: number): Promise<Answer> {
    const { clock } = this.#options;
    const client = this.#client;
    this.#silentSinceMs ??= clock.monotonicMs();
    return await new Promise<Answer>((resolve, reject) => {
      const timer = clock.setTimer(untilMs - clock.monotonicMs(), () => {
        reject(new StoreError("unavailable", "Redis did not answer in time."));
        this.#replaceIfSilent(client);
      });
      const heard = (): void => {
        timer.cancel();
        this.#silentSinceMs = undefined;
      };
      answer.finally(heard).then(resolve, reject);
    });
  }

  #replaceIfSilent(client: RedisClient): void {
    const { clock, callTimeoutMs, logger } = this.#options;
    const nowMs = clock.monotonicMs();
    const silentMs = nowMs - (this.#silentSinceMs ?? nowMs);
    if (this.#closing.signal.aborted || client !== this.#client || silentMs < 2 * callTimeoutMs) return;
    logger.warn({ silentMs }, "Redis has not answered for too long; connecting anew");
    this.#silentSinceMs = undefined;
    client.destroy();
    this.#client = this.#createClient();
    this.#connecting = this.#connect({ mayBeRefused: false });
    this.#connecting.catch((error: unknown) =>
      logger.error({ error: errorMessage(error) }, "Redis cannot be reached any more"),
    );
  }

  #connect(options: { readonly mayBeRefused: boolean }): Promise<void> {
    return connectClient(this.#client, {
      clock: this.#options.clock,
      signal: this.#closing.signal,
      ...options,
    });
  }

  #createClient(): RedisClient {
    const client = this.#options.createClient();
    client.on("error", (error) =>
      this.#options.logger.warn({ error: errorMessage(error) }, "A connection to Redis failed"),
    );
    const onReady = (): void => {
      if (this.#closing.signal.aborted || client !== this.#client) client.destroy();
      else this.#options.onReady();
    };
    client.on("ready", onReady);
    client.on("node-ready", onReady);
    return client;
  }
}
