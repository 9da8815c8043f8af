import type { V1Job } from "@kubernetes/client-node";
import { jobName, type MarkedRun, marksOf } from "./job-labels.ts";
import { podTemplate } from "./pod-template.ts";
import type { SelectedWork } from "./selected-work.ts";

/** What a Job is made of besides its work. */
export interface JobSettings {
  readonly run: MarkedRun;
  /** What the container is told besides what its image's spec says, by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** By this host's clock, in epoch milliseconds. */
  readonly now: number;
  /** How long the cluster keeps the Job after its end, in milliseconds. */
  readonly keptMs: number;
  /** How long work may take to end that its deadline ends, in milliseconds. */
  readonly deadlineGraceMs: number;
}

/** A Job as it is sent to the cluster. */
export type JobManifest = V1Job & { readonly metadata: { readonly name: string } };

/**
 * The Job of a run: nothing of it comes from the task but the choice of image and command, the marks of the run, and
 * `variables`.
 */
export function jobManifest(work: SelectedWork, settings: JobSettings): JobManifest {
  const { run, now, keptMs, deadlineGraceMs, variables } = settings;
  const { labels, annotations } = marksOf(run);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: jobName(run.task.id, run.run), labels, annotations },
    spec: {
      completions: 1,
      parallelism: 1,
      // Whether work is tried again is the scheduler's decision.
      backoffLimit: 0,
      activeDeadlineSeconds: atLeastASecond(run.deadline - now),
      ttlSecondsAfterFinished: atLeastASecond(keptMs),
      template: podTemplate(work, { labels, variables, graceSeconds: atLeastASecond(deadlineGraceMs) }),
    },
  };
}

/** The cluster counts in seconds, and takes none for no deadline, or for now. */
export function atLeastASecond(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1_000));
}
