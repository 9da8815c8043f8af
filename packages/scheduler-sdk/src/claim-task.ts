import { type Clock, fullJitterMs, type Logger } from "@mayfly/service";
import {
  type ClaimAnswer,
  type ClaimRequest,
  contentHash,
  type Granted,
  type OwnerCopy,
  type TaskStore,
} from "@mayfly/store";
import type { Announcement, Task } from "@mayfly/task";
import { v4 as uuid } from "uuid";
import type { ScopeWatch } from "./scope-watch.ts";
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
  /** Where this instance reaches work, and where nobody does. */
  readonly scopes: Pick<ScopeWatch, "reached" | "abandoned" | "met">;
  /** Writes a task back that the store has lost, if this instance owns it: resolves with whether it does. */
  readonly restore: (id: string) => Promise<boolean>;
}

/** A granted claim. */
export interface Claimed {
  readonly answer: "granted";
  /** What runs. */
  readonly task: Task;
  readonly granted: Granted;
  /** What is known of the task at its claim. */
  readonly copy: Omit<OwnerCopy, "runningForMs" | "handle">;
  /** When the claim was sent and when it was answered, by the monotonic clock. */
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** A message does not say how long its task's tombstone is to be kept, in milliseconds: the default of the API. */
const recreatedRetentionMs = 3_600_000;

/**
 * Asks the store whether a delivered task may run here, with a token made for this delivery, until it answers. A task
 * that the store has lost is made anew from its message.
 *
 * @throws when `signal` fires first: the delivery is to go back to the queue
 */
export async function claimTask(
  task: Task,
  announcement: Announcement,
  claimant: Claimant,
): Promise<Claimed | Exclude<ClaimAnswer, Granted>> {
  const { clock, instance, leaseMs, maxAttempts } = claimant;
  const request: ClaimRequest = {
    announcement,
    contentHash: contentHash(task),
    timeout: Date.parse(task.timeout),
    token: uuid(),
    instance,
    leaseMs,
    maxAttempts,
    scopes: claimant.scopes.reached,
  };
  const { answer, sentAtMs } = await ask(request, claimant);
  if (answer.answer === "elsewhere") claimant.scopes.met(answer.scope);
  if (answer.answer !== "granted") return answer;
  const { id, scheduler, body, scheduledAt, traceparent } = announcement;
  const runs = answer.task ?? task;
  return {
    answer: "granted",
    task: runs,
    granted: answer,
    copy: {
      owner: { id, attempt: answer.attempt, token: request.token, scheduledAt },
      scheduler,
      body: answer.task === undefined ? body : JSON.stringify(answer.task),
      contentHash: answer.task === undefined ? request.contentHash : contentHash(answer.task),
      timeout: Date.parse(runs.timeout),
      traceparent,
      instance,
      leaseMs,
      maxAttempts,
      run: answer.run,
      failures: answer.failures,
      retentionMs: answer.retentionMs,
    },
    sentAtMs,
    answeredAtMs: clock.monotonicMs(),
  };
}

/** Claims until the store says something else than `lost`; each repeat begins the lease anew. */
async function ask(request: ClaimRequest, claimant: Claimant): Promise<{ answer: ClaimAnswer; sentAtMs: number }> {
  const { store, clock, logger, signal, scopes } = claimant;
  const { id } = request.announcement;
  let recreate: ClaimRequest["recreate"];
  for (let losses = 0; ; losses++) {
    let sentAtMs = clock.monotonicMs();
    const answer = await untilAnswered(async () => {
      // Anew for each call: somebody may reach them again by the time that the store answers.
      const abandonedScopes = await scopes.abandoned();
      sentAtMs = clock.monotonicMs();
      return store.claim({ ...request, abandonedScopes, recreate });
    }, claimant);
    if (answer === undefined) throw new Error(`The store did not answer whether task ${id} may run.`);
    if (answer.answer !== "lost") return { answer, sentAtMs };
    // A copy of the message of what runs here must not make a second owner of it.
    if (!(await claimant.restore(id))) {
      logger.warn({ task: id }, "store has lost the task, it is made anew from its message");
      recreate = { retentionMs: recreatedRetentionMs };
    }
    if (losses > 0) await clock.sleep(fullJitterMs(losses, { baseMs: 100, maxMs: 2_000 }), { signal });
    if (signal.aborted) throw new Error(`Task ${id} could not be made anew in time.`);
  }
}
