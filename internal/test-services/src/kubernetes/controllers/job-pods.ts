import type { ClusterApi } from "../cluster-api.ts";
import { isTerminal } from "../resource-quota.ts";
import type { Job, OwnerReference, Pod } from "../store/api-object.ts";
import { randomSuffix } from "../store/random-name.ts";

/** Keeps a pod until its Job has counted it. */
const trackingFinalizer = "batch.kubernetes.io/job-tracking";

/** The owner that looks after the pod, if it has one. */
export function controllerOf({ metadata }: Pod): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** The pods of a Job. */
export function podsOf(api: ClusterApi, { metadata }: Job): readonly Pod[] {
  return api.store.list("pods", metadata.namespace).filter((pod) => controllerOf(pod)?.uid === metadata.uid);
}

/** Whether the Job has still to count it. */
export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** Whether it runs, or will, and nobody has asked it to end. */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Whether it has been asked to end and has not yet. */
export function isTerminating(pod: Pod): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;
}

/**
 * Whether the Job counts it as a failure: unless `podReplacementPolicy` is `Failed`, a pod that is being deleted is one
 * before it has ended.
 */
export function isFailure(pod: Pod, { spec }: Job): boolean {
  if (pod.status.phase === "Failed") return true;
  return spec.podReplacementPolicy !== "Failed" && isTerminating(pod);
}

/** The pod that a Job wants. */
export function newJobPod({ metadata: { name, namespace, uid }, spec: { template } }: Job): object {
  const owner = { apiVersion: "batch/v1", kind: "Job", name, uid, controller: true, blockOwnerDeletion: true };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...template.metadata,
      name: `${name.slice(0, 57)}-${randomSuffix()}`,
      generateName: `${name}-`,
      namespace,
      finalizers: [trackingFinalizer],
      ownerReferences: [owner],
    },
    spec: template.spec,
  };
}

/** Lets a pod go: its Job has counted it, or will not. */
export function untrack(api: ClusterApi, pod: Pod): void {
  api.edit("pods", pod.metadata, ({ metadata }) => {
    const finalizers = (metadata.finalizers ?? []).filter((name) => name !== trackingFinalizer);
    if (finalizers.length > 0) metadata.finalizers = finalizers;
    else delete metadata.finalizers;
  });
}
