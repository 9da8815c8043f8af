import { type Clock, errorMessage, fullJitterMs, type Logger, type Timer } from "@mayfly/service";
import { StoreError } from "@mayfly/store";
import type { LeaseNews, LeaseOrder } from "./lease-message.ts";
import type { LeaseThread, StartLeaseThread } from "./lease-thread.ts";

/** Options of {@link LeaseThreadWatch}. */
export interface LeaseThreadWatchOptions {
  readonly startThread: StartLeaseThread;
  /** How often the thread tells that it is alive, in milliseconds. */
  readonly aliveMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onNews: (news: Extract<LeaseNews, { readonly type: "renewed" | "signal" }>) => void;
  /** A thread has been started that has not been told anything. Not called for the first one. */
  readonly onStarted: () => void;
}

/** A thread that has told nothing in so many looks at it is taken for stuck. */
const silentLooks = 3;

/** One that has never told anything may still be loading its modules, on a machine that is busy: for so long. */
const loadingMs = 30_000;

/** How long a thread may take to end in order. */
const closeMs = 3_000;

/**
 * Keeps one thread going: another one is started, after a pause with jitter, when it ends or falls silent. A first thread
 * that ends before it has ever connected is not followed by another: `ready` rejects.
 */
export class LeaseThreadWatch {
  readonly ready: Promise<void>;
  readonly #options: LeaseThreadWatchOptions;
  #thread: LeaseThread | undefined;
  #timer: Timer;
  #isClosed = false;
  #wasReady = false;
  /** How many threads have ended in a row before they connected. */
  #failures = 0;
  #looksWithoutNews = 0;
  #hasToldAnything = false;
  #failure: StoreError | undefined;
  #onReady: () => void = () => undefined;
  #onFailed: (error: StoreError) => void = () => undefined;
  #onEnded: () => void = () => undefined;

  /** @throws Error when the file that a thread runs is missing */
  constructor(options: LeaseThreadWatchOptions) {
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onFailed = reject;
    });
    // Whoever does not ask hears of it in the log.
    this.ready.catch(() => undefined);
    this.#thread = this.#start();
    this.#timer = this.#setLook();
  }

  /** Hands the thread an order; without a thread it is forgotten, for the next one is told all. */
  tell(order: LeaseOrder): void {
    this.#thread?.tell(order);
  }

  /** Delivers at once what the thread has told. */
  hear(): void {
    this.#thread?.hear();
  }

  /** Resolves when the thread has ended. Idempotent. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    this.#isClosed = true;
    this.#timer.cancel();
    this.#onFailed(new StoreError("closed", "The leases are not kept any more."));
    const thread = this.#thread;
    if (thread === undefined) return;
    await new Promise<void>((resolve) => {
      const limit = clock.setTimer(closeMs, () => thread.terminate());
      const before = this.#onEnded;
      this.#onEnded = () => {
        before();
        limit.cancel();
        resolve();
      };
      thread.hold();
      thread.tell({ type: "close" });
    });
  }

  #start(): LeaseThread {
    this.#looksWithoutNews = 0;
    this.#hasToldAnything = false;
    return this.#options.startThread({
      onNews: (news) => this.#take(news),
      onEnd: (cause) => this.#end(cause),
    });
  }

  #setLook(): Timer {
    const { clock, aliveMs } = this.#options;
    return clock.setTimer(aliveMs, () => {
      this.#timer = this.#setLook();
      this.#look();
    });
  }

  /** Counts looks, not time: when this process was stopped, so was its thread. */
  #look(): void {
    this.#looksWithoutNews++;
    this.hear();
    const { aliveMs } = this.#options;
    const looks = this.#hasToldAnything ? silentLooks : Math.max(silentLooks, Math.ceil(loadingMs / aliveMs));
    if (this.#looksWithoutNews < looks) return;
    this.#options.logger.error({}, "The thread that renews leases has fallen silent and is ended");
    this.#looksWithoutNews = 0;
    this.#thread?.terminate();
  }

  #take(news: LeaseNews): void {
    this.#looksWithoutNews = 0;
    this.#hasToldAnything = true;
    if (this.#isClosed) return;
    switch (news.type) {
      case "ready":
        this.#wasReady = true;
        this.#failures = 0;
        this.#onReady();
        break;
      case "failed":
        this.#failure = new StoreError(news.code, news.message);
        break;
      case "alive":
        break;
      case "log":
        this.#options.logger[news.level](news.fields, news.message);
        break;
      case "renewed":
      case "signal":
        this.#options.onNews(news);
        break;
    }
  }

  #end(cause: string | undefined): void {
    const { clock, logger } = this.#options;
    this.#thread = undefined;
    this.#timer.cancel();
    this.#onEnded();
    if (this.#isClosed) return;
    const error = this.#failure?.message ?? cause ?? "It ended.";
    if (!this.#wasReady) {
      logger.error({ error }, "Leases cannot be renewed: their thread could not do its work");
      this.#onFailed(this.#failure ?? new StoreError("unavailable", `The thread for leases has ended: ${error}`));
      return;
    }
    this.#failure = undefined;
    logger.error({ error }, "The thread that renews leases has ended; another one is started");
    const pauseMs = fullJitterMs(this.#failures++, { baseMs: 100, maxMs: 2_000 });
    this.#timer = clock.setTimer(pauseMs, () => this.#startAnother());
  }

  #startAnother(): void {
    try {
      this.#thread = this.#start();
    } catch (error) {
      this.#end(errorMessage(error));
      return;
    }
    this.#timer = this.#setLook();
    this.#options.onStarted();
  }
}
