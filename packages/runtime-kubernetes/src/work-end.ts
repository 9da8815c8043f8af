import type { Result } from "@mayfly/runtime";
import type { Clock } from "@mayfly/service";
import type { Look } from "./cluster-view.ts";
import { podResult } from "./job-result.ts";
import type { PodObject } from "./pod-object.ts";

/** How long the end of a Job may come after that of its work, in milliseconds. */
const patienceMs = 5_000;

/**
 * The end of work whose pod does not end: other containers run on in it, such as a proxy that a service mesh has added, and
 * keep its Job from ending too. What has ended in a pod that is never restarted stays so.
 */
export class WorkEnd {
  readonly #clock: Clock;
  #seenMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How the work ended; `again` while the Job may still say so itself, and undefined while there is no such end. */
  of(pods: readonly PodObject[]): Look<Result> {
    const pod = pods.find(isHeldUp);
    if (pod === undefined) return undefined;
    const nowMs = this.#clock.monotonicMs();
    this.#seenMs ??= nowMs;
    return nowMs - this.#seenMs < patienceMs ? "again" : podResult(pod);
  }
}

/** A pod that somebody ends does not count: all its containers end, and the Job says why. */
function isHeldUp({ container, hasEnded, isLeaving, disruption }: PodObject): boolean {
  return container.status === "ended" && !hasEnded && !isLeaving && disruption === undefined;
}
