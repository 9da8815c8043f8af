import type { TaskQueue } from "@mayfly/queue";
import { crashPoint, errorMessage, type Logger } from "@mayfly/service";
import type { StalledTask, TaskStore } from "@mayfly/store";

/** What a {@link Reannouncer} is made of. */
export interface ReannouncerOptions {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly logger: Logger;
  /** How long a task waits after it was announced before its message may count as lost, in milliseconds. */
  readonly afterMs: number;
}

/** The longest pause between two passes, in milliseconds: a queue that is empty twice this far apart has lost messages. */
const longestPeriodMs = 30_000;
/** How many tasks one page of the store has. */
const pageSize = 100;
/** How many tasks of a shard one pass leaves as they are; where there are more, the next pass goes on there. */
const leftPerPass = 2_000;

/**
 * Announces again what waits although its message can be there no more: that of a queue that was purged or deleted, or of
 * a broker that was wiped. Publishes nothing itself: it puts tasks back into the outbox, and the claim tells the copies
 * apart if a message was there after all.
 *
 * A message is taken for lost when one that was announced `afterMs` later has been claimed, for queues are first in, first
 * out; or when its queue was found empty by two passes.
 */
export class Reannouncer {
  /** The pause between two passes, in milliseconds. */
  readonly periodMs: number;
  readonly #options: ReannouncerOptions;
  /** The schedulers with stalled tasks whose queue was empty when it was asked for last. */
  #emptyBefore: ReadonlySet<string> = new Set();
  /** Where to go on in shards with more stalled tasks than one pass looks at. */
  readonly #skips = new Map<number, number>();

  constructor(options: ReannouncerOptions) {
    this.#options = options;
    this.periodMs = Math.min(longestPeriodMs, options.afterMs / 20);
  }

  /** Looks at every shard once. A shard that cannot be read is logged and left to the next pass. */
  async pass(signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#options;
    const queues = new EmptyQueues(this.#options.queue, this.#emptyBefore);
    const wasBegunBefore = this.#skips.size > 0;
    for (let shard = 0; shard < store.shards && !signal.aborted; shard++) {
      try {
        await this.#look(shard, queues, signal);
      } catch (error) {
        logger.warn({ shard, error: errorMessage(error) }, "stalled tasks not looked at, will be repeated");
      }
    }
    // A pass that sees only some of the stalled tasks says nothing about the queues of the others.
    const isPart = wasBegunBefore || this.#skips.size > 0;
    this.#emptyBefore = isPart ? new Set([...queues.notAsked, ...queues.empty]) : queues.empty;
  }

  async #look(shard: number, queues: EmptyQueues, signal: AbortSignal): Promise<void> {
    const from = this.#skips.get(shard) ?? 0;
    this.#skips.delete(shard);
    for (let skip = from; !signal.aborted; ) {
      const stalled = await this.#options.store.stalled({
        shard,
        limit: pageSize,
        ageMs: this.#options.afterMs,
        skip,
      });
      const moved = await this.#reannounce(stalled, queues, signal);
      // What was announced again has left the list, so that the rest has moved up.
      skip += stalled.length - moved;
      if (stalled.length < pageSize) return;
      if (skip - from >= leftPerPass) return void this.#skips.set(shard, skip);
    }
  }

  async #reannounce(stalled: readonly StalledTask[], queues: EmptyQueues, signal: AbortSignal): Promise<number> {
    const { store, logger } = this.#options;
    const ids: string[] = [];
    for (const { id, scheduler, token, isOvertaken } of stalled) {
      // Each queue may take its time to answer.
      if (signal.aborted) break;
      const isLost = isOvertaken || (await queues.wasEmptyTwice(scheduler));
      if (isLost && (await store.reannounce(id, token))) {
        crashPoint("sweeper.after_reannounce");
        ids.push(id);
      }
    }
    if (ids.length > 0) logger.warn({ tasks: ids }, "tasks announced again, their messages were lost");
    return ids.length;
  }
}

/** Which queues are empty, each asked once in a pass. */
class EmptyQueues {
  readonly empty = new Set<string>();
  readonly #queue: TaskQueue;
  readonly #before: ReadonlySet<string>;
  readonly #asked = new Set<string>();

  constructor(queue: TaskQueue, before: ReadonlySet<string>) {
    this.#queue = queue;
    this.#before = before;
  }

  /** Those that were empty before, and have not been asked for in this pass. */
  get notAsked(): readonly string[] {
    return [...this.#before].filter((scheduler) => !this.#asked.has(scheduler));
  }

  /** Whether the queue of a scheduler is empty, in this pass and when it was asked for before. */
  async wasEmptyTwice(scheduler: string): Promise<boolean> {
    if (!this.#asked.has(scheduler)) {
      this.#asked.add(scheduler);
      if ((await this.#queue.ready(scheduler)) === 0) this.empty.add(scheduler);
    }
    return this.empty.has(scheduler) && this.#before.has(scheduler);
  }
}
