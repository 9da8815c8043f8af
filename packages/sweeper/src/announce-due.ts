import type { TaskQueue } from "@mayfly/queue";
import { type Clock, crashPoint, errorMessage, type Logger } from "@mayfly/service";
import type { SweepRequest, TaskStore } from "@mayfly/store";
import type { Announcement } from "@mayfly/task";

/** What one batch may weigh, in bytes of task bodies (protocol: at most 4 MiB). */
const batchBytes = 4 * 1024 * 1024;

/** How long one batch waits for its confirms. */
const confirmPatienceMs = 2_000;

/**
 * Announces what is due in a shard, batch after batch while they come back full. Does nothing while the broker is away:
 * taking items from the outbox would only put them off.
 *
 * @returns when the next is due, in milliseconds; undefined when none waits or nothing can be published
 */
export async function announceDue(options: {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly request: SweepRequest;
  readonly signal: AbortSignal;
}): Promise<number | undefined> {
  const { store, queue, clock, logger, request, signal } = options;
  while (queue.canPublish && !signal.aborted) {
    const due = await store.due({ ...request, maxBytes: batchBytes });
    if (due.announcements.length > 0) crashPoint("sweeper.after_taking");
    const confirmed = await withPatience(Promise.all(due.announcements.map(announce)));
    if (confirmed === undefined || !confirmed.some(Boolean)) return due.nextInMs;
  }
  return undefined;

  async function announce(announcement: Announcement): Promise<boolean> {
    const answer = await queue.publish(announcement);
    if (answer !== "confirmed") {
      logger.warn(
        { task: announcement.id, scheduler: announcement.scheduler, answer },
        "task not announced, will be repeated",
      );
      return false;
    }
    crashPoint("sweeper.after_publish");
    try {
      await store.announced(announcement.id, announcement.token);
    } catch (error) {
      logger.warn({ task: announcement.id, error: errorMessage(error) }, "announced task left in the outbox");
    }
    return true;
  }

  /**
   * What `step` resolves with, or undefined after a while or when `signal` fires: a queue that confirms nothing must hold
   * up neither the others nor a stop. What is confirmed later still leaves the outbox.
   */
  async function withPatience<T>(step: Promise<T>): Promise<T | undefined> {
    const isOver = new AbortController();
    const giveUp = (): void => isOver.abort();
    signal.addEventListener("abort", giveUp);
    try {
      return await Promise.race([
        step,
        clock.sleep(confirmPatienceMs, { signal: isOver.signal }).then(() => undefined),
      ]);
    } finally {
      giveUp();
      signal.removeEventListener("abort", giveUp);
    }
  }
}
