import { isRecoverable, type Runtime } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger, type Timer } from "@mayfly/service";
import { scopeName, type TaskStore } from "@mayfly/store";

/** How often it is looked whether somebody reaches a scope, in milliseconds. */
const lookMs = 5_000;

/** How long nobody must have reached a scope until it is abandoned, in milliseconds. */
const abandonedMs = 60_000;

/** For how long a scope is remembered that no claim has met any more, in milliseconds: its tasks may go to others first. */
const forgetMs = 600_000;

/** What a {@link ScopeWatch} is made of. */
export interface ScopeWatchOptions {
  /** The name of the scheduler, whose instances count. */
  readonly name: string;
  readonly runtime: Runtime;
  readonly store: Pick<TaskStore, "instances">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long an instance may be silent and live, in milliseconds. */
  readonly leaseMs: number;
}

interface Watched {
  metAtMs: number;
  /** Since when every look has found nobody who reaches it. */
  absentSinceMs: number | undefined;
}

/**
 * Knows which scopes the claims of an instance reach, and which others nobody reaches any more. A scope is watched from
 * the first claim on that was refused because of it, until an instance that reaches it is seen, or no claim has met it
 * for a while. It has no timer while it watches none.
 */
export class ScopeWatch {
  /** The scopes that this instance reaches: none unless its runtime is recoverable. */
  readonly reached: readonly string[];
  readonly #options: ScopeWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: Timer | undefined;
  #look: Promise<void> | undefined;
  #lookedAtMs = 0;
  #isStopped = false;

  constructor(options: ScopeWatchOptions) {
    const { runtime } = options;
    this.#options = options;
    this.reached = isRecoverable(runtime) ? [scopeName(runtime.kind, runtime.scope)] : [];
  }

  /** A claim was refused because the work is in this scope. */
  met(scope: string): void {
    if (this.#isStopped) return;
    const metAtMs = this.#options.clock.monotonicMs();
    const watched = this.#watched.get(scope);
    if (watched !== undefined) watched.metAtMs = metAtMs;
    else this.#watched.set(scope, { metAtMs, absentSinceMs: undefined });
    if (this.#timer === undefined) this.#lookAndGoOn();
  }

  /** The scopes that nobody has reached for so long that work there counts as over, and that nobody reaches now. */
  async abandoned(): Promise<readonly string[]> {
    if (this.#listAbandoned().length === 0) return [];
    // One under way may have been answered by what was so a moment ago.
    await this.#look;
    await this.#lookOnce();
    return this.#listAbandoned();
  }

  /** Watches nothing any more; resolves when no look is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#watched.clear();
    await this.#look;
  }

  #listAbandoned(): readonly string[] {
    const sinceMs = this.#options.clock.monotonicMs() - Math.max(abandonedMs, this.#options.leaseMs);
    return [...this.#watched].flatMap(([scope, { absentSinceMs }]) =>
      absentSinceMs !== undefined && absentSinceMs <= sinceMs ? scope : [],
    );
  }

  #lookAndGoOn(): void {
    this.#timer = this.#options.clock.setTimer(lookMs, () => {
      this.#timer = undefined;
      this.#forgetUnmet();
      if (this.#watched.size > 0) this.#lookAndGoOn();
    });
    void this.#lookOnce();
  }

  /** Never fails: a look without an answer has seen nothing, so that the time of absence begins anew. */
  #lookOnce(): Promise<void> {
    this.#look ??= this.#note().finally(() => (this.#look = undefined));
    return this.#look;
  }

  async #note(): Promise<void> {
    const { name, store, clock, logger } = this.#options;
    const askedAtMs = clock.monotonicMs();
    // A process that stood still does not know who came and went meanwhile.
    if (askedAtMs - this.#lookedAtMs > 4 * lookMs) this.#beginAnew();
    this.#lookedAtMs = askedAtMs;
    try {
      const instances = await store.instances(name);
      const reached = new Set(
        instances.flatMap(({ runtime, scope }) => (scope === undefined ? [] : scopeName(runtime, scope))),
      );
      for (const [scope, watched] of this.#watched) {
        if (reached.has(scope)) this.#watched.delete(scope);
        else watched.absentSinceMs ??= askedAtMs;
      }
    } catch (error) {
      this.#beginAnew();
      logger.warn({ error: errorMessage(error) }, "not known who reaches work elsewhere, will be looked at again");
    }
  }

  #beginAnew(): void {
    for (const watched of this.#watched.values()) watched.absentSinceMs = undefined;
  }

  #forgetUnmet(): void {
    const sinceMs = this.#options.clock.monotonicMs() - forgetMs;
    for (const [scope, { metAtMs }] of this.#watched) if (metAtMs < sinceMs) this.#watched.delete(scope);
  }
}
