import type { TaskQueue } from "@mayfly/queue";
import {
  type Clock,
  crashPoint,
  errorMessage,
  Lifecycle,
  type Logger,
  type Service,
  silentLogger,
  systemClock,
} from "@mayfly/service";
import type { SweepAnswer, TaskStore } from "@mayfly/store";
import { announceDue } from "./announce-due.ts";
import { DeadLetterConsumer } from "./dead-letter-consumer.ts";
import { Reannouncer } from "./reannouncer.ts";

/** What a {@link Sweeper} is made of. */
export interface SweeperOptions {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** The longest pause between two passes, in milliseconds. @defaultValue 1,000 */
  readonly sweepMs?: number | undefined;
  /**
   * How long owners have to renew their leases after an outage of the store before any is taken from them, in
   * milliseconds: the longest lease in use. @defaultValue 30,000
   */
  readonly recoverAfterMs?: number | undefined;
  /** Whether the store has just come back: then the first leases are taken after `recoverAfterMs`. @defaultValue false */
  readonly startsAfterOutage?: boolean | undefined;
  /**
   * How long a task waits after it was announced before it is looked into whether its message is still there, in
   * milliseconds. @defaultValue 600,000 (10 min)
   */
  readonly reannounceAfterMs?: number | undefined;
}

/** Tasks a script handles at a time (protocol: at most 100). */
const batchSize = 100;
/** No pass comes sooner after the one before, so that a due item that cannot be handled makes no busy loop. */
const shortestPauseMs = 10;

/**
 * The timeout daemon: removes what is not done in time, takes tasks from owners that have vanished, announces what is
 * waiting to be, also what was announced and lost, and decides about dead letters. Any number may run; what one
 * remembers are only hints.
 *
 * Two loops per shard, each sleeping until something is due, at most `sweepMs`: one expires and recovers, one announces,
 * so that a broker that does not answer never delays a timeout. One loop for all shards looks for lost messages.
 */
export class Sweeper implements Service {
  readonly #store: TaskStore;
  readonly #queue: TaskQueue;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sweepMs: number;
  readonly #recoverAfterMs: number;
  readonly #startsAfterOutage: boolean;
  readonly #reannouncer: Reannouncer;
  readonly #deadLetters: DeadLetterConsumer;
  readonly #lifecycle = new Lifecycle();
  #stopping = new AbortController();
  #loops: Promise<void>[] = [];
  /** The shards that did not answer when they were asked last. */
  readonly #awayShards = new Set<number>();
  /** From when leases are taken again in shards that have been away, by the monotonic clock. */
  readonly #recoverFromMs = new Map<number, number>();

  constructor(options: SweeperOptions) {
    this.#store = options.store;
    this.#queue = options.queue;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#sweepMs = options.sweepMs ?? 1_000;
    this.#recoverAfterMs = options.recoverAfterMs ?? 30_000;
    this.#startsAfterOutage = options.startsAfterOutage ?? false;
    const ports = { store: this.#store, queue: this.#queue, clock: this.#clock, logger: this.#logger };
    this.#reannouncer = new Reannouncer({ ...ports, afterMs: options.reannounceAfterMs ?? 600_000 });
    this.#deadLetters = new DeadLetterConsumer(ports);
  }

  /** Begins to sweep. The store must be open. */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      this.#stopping = new AbortController();
      const { signal } = this.#stopping;
      const shards = Array.from({ length: this.#store.shards }, (_, shard) => shard);
      if (this.#startsAfterOutage) for (const shard of shards) this.#awayShards.add(shard);
      this.#loops = shards.flatMap((shard) => [
        this.#loop(shard, this.#endOverdue, signal),
        this.#loop(shard, this.#announceDue, signal),
      ]);
      this.#loops.push(this.#reannounce(signal));
      await this.#deadLetters.start();
    });
  }

  /** Resolves when the passes under way have ended. */
  stop(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      this.#stopping.abort();
      await Promise.all([...this.#loops, this.#deadLetters.stop()]);
      this.#loops = [];
    });
  }

  /** {@link Sweeper.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Repeats `pass` until `signal` fires; it resolves with when the next one is due, in milliseconds. */
  async #loop(
    shard: number,
    pass: (shard: number, signal: AbortSignal) => Promise<number>,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      let pauseMs = this.#sweepMs;
      try {
        pauseMs = Math.min(pauseMs, await pass(shard, signal));
      } catch (error) {
        this.#logger.warn({ shard, error: errorMessage(error) }, "sweep failed, will be repeated");
      }
      await this.#clock.sleep(Math.max(pauseMs, shortestPauseMs), { signal });
    }
  }

  readonly #endOverdue = async (shard: number): Promise<number> => {
    const nextInMs: number[] = [];
    for (const step of ["expire", "recover"] as const) {
      if (step === "recover" && this.#clock.monotonicMs() < (this.#recoverFromMs.get(shard) ?? 0)) continue;
      const swept = await this.#ask(step, shard);
      if (swept.ids.length > 0) crashPoint(step === "expire" ? "sweeper.after_expire" : "sweeper.after_recover");
      if (swept.ids.length > 0) this.#logger.info({ shard, step, tasks: swept.ids }, "tasks swept");
      if (swept.nextInMs !== undefined) nextInMs.push(swept.nextInMs);
    }
    return Math.min(...nextInMs, this.#sweepMs);
  };

  readonly #announceDue = async (shard: number, signal: AbortSignal): Promise<number> => {
    const request = { shard, limit: batchSize };
    const nextInMs = await announceDue({
      store: this.#store,
      queue: this.#queue,
      clock: this.#clock,
      logger: this.#logger,
      request,
      signal,
    });
    return nextInMs ?? this.#sweepMs;
  };

  async #reannounce(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#reannouncer.pass(signal);
      await this.#clock.sleep(Math.max(this.#reannouncer.periodMs, shortestPauseMs), { signal });
    }
  }

  /**
   * One step on one shard. After an outage of it the owners renew first, else every lease that ended meanwhile would
   * count as a vanished owner.
   */
  async #ask(step: "expire" | "recover", shard: number): Promise<SweepAnswer> {
    try {
      const swept = await this.#store[step]({ shard, limit: batchSize });
      const isBack = this.#awayShards.delete(shard);
      if (isBack) this.#recoverFromMs.set(shard, this.#clock.monotonicMs() + this.#recoverAfterMs);
      return swept;
    } catch (error) {
      this.#awayShards.add(shard);
      throw error;
    }
  }
}
