import type { IJobSpec } from "kubernetes-models/batch/v1";
import { withPodDefaults } from "./pod-defaults.ts";
import type { Job } from "./store/api-object.ts";

/** With this label the pods of a Job are found. */
const jobNameLabel = "batch.kubernetes.io/job-name";

/**
 * Fills in what a Job leaves out, as the API server does: with the selector and the labels that tie its pods to it.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
 */
export function withJobDefaults({ metadata, spec }: Job): IJobSpec {
  const labels = {
    ...spec.template.metadata?.labels,
    "batch.kubernetes.io/controller-uid": metadata.uid,
    [jobNameLabel]: metadata.name,
    "controller-uid": metadata.uid,
    "job-name": metadata.name,
  };
  return {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: "TerminatingOrFailed",
    ...spec,
    selector: { matchLabels: { "batch.kubernetes.io/controller-uid": metadata.uid } },
    template: {
      metadata: { ...spec.template.metadata, labels },
      ...(spec.template.spec && { spec: withPodDefaults(spec.template.spec) }),
    },
  };
}
