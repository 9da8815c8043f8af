import { isDeepStrictEqual } from "node:util";
import type { FieldProblem } from "../status-error.ts";
import type { Job } from "../store/api-object.ts";
import { invalid, problemIf, required } from "./field-problems.ts";
import { labelProblems } from "./meta-validation.ts";
import { podSpecProblems } from "./pod-validation.ts";

const counts = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
] as const;

/** Fields that never change, as long as completions are not indexed. */
const immutable = ["completions", "selector", "template", "completionMode", "podFailurePolicy"] as const;

/**
 * What the API server checks of a Job beyond the schema.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
 */
export function jobProblems({ metadata, spec }: Job): readonly FieldProblem[] {
  const { restartPolicy } = spec.template.spec ?? {};
  const template = "spec.template.spec";
  return [
    // The name becomes a label of the pods.
    ...problemIf(
      metadata.name.length > 63,
      invalid("metadata.name", metadata.name, "must be no more than 63 characters"),
    ),
    ...counts.flatMap((field) =>
      problemIf((spec[field] ?? 0) < 0, invalid(`spec.${field}`, spec[field], "must be greater than or equal to 0")),
    ),
    ...problemIf(
      (spec.completions ?? 1) > 1 || (spec.parallelism ?? 1) > 1,
      invalid("spec.parallelism", spec.parallelism, "this server for tests runs one pod at a time for each Job"),
    ),
    ...problemIf(
      restartPolicy === "Always",
      invalid(`${template}.restartPolicy`, restartPolicy, 'Unsupported value: supported values: "Never", "OnFailure"'),
    ),
    ...labelProblems("spec.template.metadata.labels", spec.template.metadata?.labels),
    ...(spec.template.spec === undefined ? [required(template)] : podSpecProblems(template, spec.template.spec)),
  ];
}

/** What must not change when a Job is updated. */
export function jobUpdateProblems(job: Job, previous: Job): readonly FieldProblem[] {
  return immutable.flatMap((field) =>
    problemIf(
      !isDeepStrictEqual(job.spec[field], previous.spec[field]),
      invalid(`spec.${field}`, job.spec[field], "field is immutable"),
    ),
  );
}
