import type { Clock, Logger } from "@mayfly/service";
import { type ClaimAnswer, contentHash, type Granted, type Owner, type TaskStore } from "@mayfly/store";
import type { Announcement, Task } from "@mayfly/task";
import { v4 as uuid } from "uuid";
import { untilAnswered } from "./until-answered.ts";

/** Who asks, and how it waits for an answer. */
export interface Claimant {
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Fires when there is no more time to wait. */
  readonly signal: AbortSignal;
  /** The id of the instance. */
  readonly instance: string;
  readonly leaseMs: number;
  readonly maxAttempts: number;
}

/** A granted claim. */
export interface Claimed {
  readonly answer: "granted";
  /** What runs. */
  readonly task: Task;
  readonly owner: Owner;
  readonly granted: Granted;
  /** When the claim was sent and when it was answered, by the monotonic clock. */
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  readonly traceparent?: string | undefined;
}

/**
 * Asks the store whether a delivered task may run here, with a token made for this delivery, until it answers.
 *
 * @throws when `signal` fires first: the delivery is to go back to the queue
 */
export async function claimTask(
  task: Task,
  announcement: Announcement,
  claimant: Claimant,
): Promise<Claimed | Exclude<ClaimAnswer, Granted>> {
  const { store, clock, instance, leaseMs, maxAttempts } = claimant;
  const token = uuid();
  const request = {
    announcement,
    contentHash: contentHash(task),
    timeout: Date.parse(task.timeout),
    token,
    instance,
    leaseMs,
    maxAttempts,
  };
  let sentAtMs = clock.monotonicMs();
  const answer = await untilAnswered(() => {
    // Each repeat begins the lease anew.
    sentAtMs = clock.monotonicMs();
    return store.claim(request);
  }, claimant);
  if (answer === undefined) throw new Error(`The store did not answer whether task ${task.id} may run.`);
  if (answer.answer !== "granted") return answer;
  return {
    answer: "granted",
    task: answer.task ?? task,
    owner: { id: task.id, attempt: answer.attempt, token, scheduledAt: announcement.scheduledAt },
    granted: answer,
    sentAtMs,
    answeredAtMs: clock.monotonicMs(),
    traceparent: announcement.traceparent,
  };
}
