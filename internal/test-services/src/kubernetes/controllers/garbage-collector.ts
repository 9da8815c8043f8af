import { type ClusterApi, propagationFinalizers } from "../cluster-api.ts";
import { isTerminal } from "../resource-quota.ts";
import type { Job, Pod } from "../store/api-object.ts";
import type { Reachability } from "./reachability.ts";
import { WorkQueue } from "./work-queue.ts";

const everything = "*";

/**
 * Deletes pods whose Job has gone, does for a Job that is being deleted what its finalizers ask for, and fails pods that
 * are being deleted and never got a node.
 *
 * @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export class GarbageCollector {
  readonly #api: ClusterApi;
  readonly #queue: WorkQueue;
  readonly #unsubscribe: () => void;

  constructor(api: ClusterApi, reachability: Reachability) {
    this.#api = api;
    this.#queue = new WorkQueue(api.clock, reachability, () => this.#collect());
    this.#unsubscribe = api.store.subscribe(({ resource, type, object }) => {
      const isOfInterest = type === "DELETED" || object.metadata.deletionTimestamp !== undefined || type === "ADDED";
      if (isOfInterest && (resource === "jobs" || resource === "pods")) this.#queue.add(everything);
    });
  }

  close(): void {
    this.#unsubscribe();
    this.#queue.close();
  }

  #collect(): void {
    const jobs = this.#api.store.list("jobs");
    const pods = this.#api.store.list("pods");
    for (const job of jobs) if (job.metadata.deletionTimestamp !== undefined) this.#finalize(job, pods);
    const uids = new Set(jobs.map(({ metadata }) => metadata.uid));
    for (const pod of pods) {
      const { ownerReferences = [], deletionTimestamp } = pod.metadata;
      // No kubelet will ever say how it ended.
      if (deletionTimestamp !== undefined && pod.spec.nodeName === undefined && !isTerminal(pod)) this.#fail(pod);
      if (ownerReferences.length > 0 && !ownerReferences.some(({ uid }) => uids.has(uid))) this.#delete(pod);
    }
  }

  #finalize(job: Job, pods: readonly Pod[]): void {
    const dependents = pods.filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid),
    );
    const { finalizers = [] } = job.metadata;
    if (finalizers.includes(propagationFinalizers.Orphan)) {
      for (const pod of dependents)
        this.#api.edit("pods", pod.metadata, ({ metadata }) => {
          delete metadata.ownerReferences;
        });
      this.#removeFinalizer(job, propagationFinalizers.Orphan);
    } else if (finalizers.includes(propagationFinalizers.Foreground)) {
      for (const pod of dependents) this.#delete(pod);
      if (dependents.length === 0) this.#removeFinalizer(job, propagationFinalizers.Foreground);
    }
  }

  #delete(pod: Pod): void {
    const present = this.#api.store.get("pods", pod.metadata.namespace, pod.metadata.name);
    if (present?.metadata.uid !== pod.metadata.uid || present.metadata.deletionTimestamp !== undefined) return;
    this.#api.delete("pods", present, { propagationPolicy: "Background" });
  }

  #fail(pod: Pod): void {
    this.#api.edit("pods", pod.metadata, ({ status }) => {
      status.phase = "Failed";
    });
  }

  #removeFinalizer(job: Job, name: string): void {
    this.#api.edit("jobs", job.metadata, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== name);
    });
  }
}
