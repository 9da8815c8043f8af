import type { IJobCondition } from "kubernetes-models/batch/v1";
import type { ClusterApi } from "../cluster-api.ts";
import { StatusError } from "../status-error.ts";
import type { ApiObject, Job, Pod } from "../store/api-object.ts";
import { apiNow } from "../store/api-time.ts";
import type { Change } from "../store/object-store.ts";
import { EventRecorder } from "./event-recorder.ts";
import { conditionOf, finishedAt, setCondition } from "./job-condition.ts";
import { controllerOf, isActive, isFailure, isTerminating, isTracked, newJobPod, podsOf, untrack } from "./job-pods.ts";
import type { Reachability } from "./reachability.ts";
import { WorkQueue } from "./work-queue.ts";

const firstRetryMs = 10_000;
const longestRetryMs = 360_000;
const createRetryMs = 1_000;

/**
 * Keeps the pods of Jobs and counts how they end, as of Kubernetes 1.31: a Job that has failed gets `FailureTarget` at
 * once and `Failed` when its last pod has ended; `SuccessCriteriaMet` and `Complete` likewise.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
export class JobController {
  readonly #api: ClusterApi;
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder;
  readonly #unsubscribe: () => void;

  constructor(api: ClusterApi, reachability: Reachability) {
    this.#api = api;
    this.#events = new EventRecorder(api, "job-controller");
    this.#queue = new WorkQueue(api.clock, reachability, (key) => this.#reconcile(key));
    this.#unsubscribe = api.store.subscribe((change) => this.#notice(change));
  }

  close(): void {
    this.#unsubscribe();
    this.#queue.close();
  }

  #notice({ resource, object, type }: Change): void {
    const { namespace, name } = object.metadata;
    if (resource === "jobs") {
      this.#queue.add(keyOf(object));
      // Pods whose Job has gone are nobody's to count.
      if (type === "DELETED") for (const pod of podsOf(this.#api, object as Job)) this.#queue.add(`pod/${keyOf(pod)}`);
    }
    if (resource !== "pods") return;
    const owner = controllerOf(object as Pod);
    this.#queue.add(`pod/${namespace}/${name}`);
    if (owner?.kind === "Job") this.#queue.add(`${namespace}/${owner.name}`);
  }

  #reconcile(key: string): void {
    const [name = "", namespace = "", kind] = key.split("/").reverse();
    if (kind === "pod") {
      this.#releaseOrphan(namespace, name);
      return;
    }
    const job = this.#api.store.get("jobs", namespace, name);
    if (job === undefined) return;
    const finished = finishedAt(job);
    if (finished === undefined) this.#sync(job);
    else this.#expire(job, finished);
  }

  #releaseOrphan(namespace: string, name: string): void {
    const pod = this.#api.store.get("pods", namespace, name);
    if (pod === undefined || !isTracked(pod)) return;
    const owner = controllerOf(pod);
    const job = owner && this.#api.store.get("jobs", namespace, owner.name);
    if (job?.metadata.uid !== owner?.uid || job === undefined || finishedAt(job) !== undefined) untrack(this.#api, pod);
  }

  #sync(job: Job): void {
    const pods = podsOf(this.#api, job);
    const succeeded = pods.filter((pod) => isTracked(pod) && pod.status.phase === "Succeeded");
    const failed = pods.filter((pod) => isTracked(pod) && isFailure(pod, job));
    const draft = structuredClone(job);
    const { status } = draft;
    const now = apiNow(this.#api.clock);
    count(status, "succeeded", (status.succeeded ?? 0) + succeeded.length);
    count(status, "failed", (status.failed ?? 0) + failed.length);
    status.uncountedTerminatedPods = {};
    if (!job.spec.suspend) status.startTime ??= now;
    const verdict = conditionOf(job, "FailureTarget") ?? conditionOf(job, "SuccessCriteriaMet") ?? this.#verdict(draft);
    if (verdict !== undefined) setCondition(draft, verdict, now);
    if (verdict?.type === "FailureTarget") for (const pod of pods.filter(isActive)) this.#deletePod(draft, pod);
    else if (verdict === undefined && job.metadata.deletionTimestamp === undefined) this.#manage(draft, pods, now);

    const present = podsOf(this.#api, job);
    count(status, "active", present.filter(isActive).length);
    status.ready = present.filter((pod) => isActive(pod) && isReady(pod)).length;
    status.terminating = present.filter(isTerminating).length;
    if (verdict !== undefined && (status.active ?? 0) + status.terminating === 0) this.#finish(draft, verdict, now);
    this.#api.edit("jobs", job.metadata, (stored) => {
      stored.status = status;
    });
    for (const pod of [...succeeded, ...failed]) untrack(this.#api, pod);
  }

  /** Whether the Job has come to its end, and which. */
  #verdict({ spec, status }: Job): IJobCondition | undefined {
    if ((status.failed ?? 0) > (spec.backoffLimit ?? 6))
      return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    const { activeDeadlineSeconds } = spec;
    const leftMs =
      activeDeadlineSeconds === undefined || status.startTime === undefined || spec.suspend
        ? Number.POSITIVE_INFINITY
        : Date.parse(status.startTime) + activeDeadlineSeconds * 1_000 - this.#api.clock.now();
    if (leftMs <= 0) return failure("DeadlineExceeded", "Job was active longer than specified deadline");
    if ((status.succeeded ?? 0) < (spec.completions ?? 1)) return undefined;
    const message = "Reached expected number of succeeded pods";
    return { type: "SuccessCriteriaMet", status: "True", reason: "CompletionsReached", message };
  }

  #manage(job: Job, pods: readonly Pod[], now: string): void {
    const { spec, status } = job;
    if (spec.suspend) {
      for (const pod of pods.filter(isActive)) {
        // What is suspended does not count as failed, so that the Job can be resumed.
        untrack(this.#api, pod);
        this.#deletePod(job, pod);
      }
      setCondition(job, { type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" }, now);
      return;
    }
    if (conditionOf(job, "Suspended") !== undefined) {
      setCondition(job, { type: "Suspended", status: "False", reason: "JobResumed", message: "Job resumed" }, now);
      status.startTime = now;
    }
    const { activeDeadlineSeconds } = spec;
    if (activeDeadlineSeconds !== undefined && status.startTime !== undefined) {
      const dueMs = Date.parse(status.startTime) + activeDeadlineSeconds * 1_000;
      this.#queue.addAfter(keyOf(job), dueMs - this.#api.clock.now());
    }
    const present = pods.filter(
      (pod) => isActive(pod) || (spec.podReplacementPolicy === "Failed" && isTerminating(pod)),
    );
    if (present.length > 0 || (spec.parallelism ?? 1) === 0) return;
    const waitMs = this.#retryMs(job, pods);
    if (waitMs > 0) this.#queue.addAfter(keyOf(job), waitMs);
    else this.#createPod(job);
  }

  /** How long the next pod has to wait after the last one failed. */
  #retryMs({ status }: Job, pods: readonly Pod[]): number {
    const { failed = 0 } = status;
    if (failed === 0) return 0;
    const ends = pods.flatMap((pod) =>
      (pod.status.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? "")),
    );
    const last = Math.max(0, ...ends.filter((end) => !Number.isNaN(end)));
    return last + Math.min(longestRetryMs, firstRetryMs * 2 ** (failed - 1)) - this.#api.clock.now();
  }

  #createPod(job: Job): void {
    try {
      const { metadata } = this.#api.create("pods", job.metadata.namespace, newJobPod(job));
      this.#events.record(job, "Normal", "SuccessfulCreate", `Created pod: ${metadata.name}`);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#events.record(job, "Warning", "FailedCreate", `Error creating: ${error.message}`);
      this.#queue.addAfter(keyOf(job), createRetryMs);
    }
  }

  #deletePod(job: Job, pod: Pod): void {
    const present = this.#api.store.get("pods", pod.metadata.namespace, pod.metadata.name);
    if (present === undefined) return;
    this.#api.delete("pods", present, { propagationPolicy: "Background" });
    this.#events.record(job, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }

  #finish(job: Job, verdict: IJobCondition, now: string): void {
    const hasFailed = verdict.type === "FailureTarget";
    setCondition(job, { ...verdict, type: hasFailed ? "Failed" : "Complete" }, now);
    if (!hasFailed) job.status.completionTime = now;
    const [type, reason] = hasFailed
      ? (["Warning", verdict.reason ?? ""] as const)
      : (["Normal", "Completed"] as const);
    this.#events.record(job, type, reason, hasFailed ? (verdict.message ?? "") : "Job completed");
  }

  /** @see https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/ */
  #expire(job: Job, finished: number): void {
    const { ttlSecondsAfterFinished } = job.spec;
    if (ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const leftMs = finished + ttlSecondsAfterFinished * 1_000 - this.#api.clock.now();
    if (leftMs > 0) this.#queue.addAfter(keyOf(job), leftMs);
    else this.#api.delete("jobs", job, { propagationPolicy: "Foreground" });
  }
}

function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function failure(reason: string, message: string): IJobCondition {
  return { type: "FailureTarget", status: "True", reason, message };
}

/** A number of 0 is left out. */
function count(status: Job["status"], field: "active" | "succeeded" | "failed", value: number): void {
  if (value > 0) status[field] = value;
  else delete status[field];
}

function isReady({ status }: Pod): boolean {
  return (status.conditions ?? []).some(({ type, status: holds }) => type === "Ready" && holds === "True");
}
