import type { Owned } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";
import type { JobObject } from "./job-object.ts";
import type { KubernetesHandle } from "./kubernetes-handle.ts";

/** What Jobs and their pods carry: as a label what can be one, as an annotation otherwise. */
export const marks = {
  deployment: "mayfly.deployment",
  task: "mayfly.task",
  run: "mayfly.run",
  scheduler: "mayfly.scheduler",
  instance: "mayfly.instance",
  deadline: "mayfly.deadline",
} as const;

/** What of a run is shown on its Job. */
export interface MarkedRun {
  readonly task: Task;
  readonly run: number;
  /** In epoch milliseconds. */
  readonly deadline: number;
  readonly deployment: string;
  readonly instance: string | undefined;
}

/** The syntax of a label's value (Kubernetes, "Labels and Selectors"). */
const labelValue = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** The labels and annotations of a new Job. A scheduler's name may end with a hyphen, which no label may. */
export function marksOf({ task, run, deadline, deployment, instance }: MarkedRun): {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
} {
  const all: Record<string, string> = {
    [marks.deployment]: deployment,
    [marks.task]: task.id,
    [marks.run]: String(run),
    [marks.scheduler]: task.scheduler,
    [marks.deadline]: new Date(deadline).toISOString(),
    ...(instance === undefined ? {} : { [marks.instance]: instance }),
  };
  const entries = Object.entries(all);
  return {
    labels: Object.fromEntries(entries.filter(([, value]) => labelValue.test(value))),
    annotations: Object.fromEntries(entries.filter(([, value]) => !labelValue.test(value))),
  };
}

/** Whether a Job that has a run's name is that run's, and not something else of the same name. */
export function isOfRun({ labels }: JobObject, { task, run, deployment }: MarkedRun): boolean {
  return labels[marks.deployment] === deployment && labels[marks.task] === task.id && labels[marks.run] === String(run);
}

/** A listed Job as its owner knows it; undefined when it lacks a mark. */
export function ownedBy(job: JobObject): Owned<KubernetesHandle> | undefined {
  const taskId = job.labels[marks.task];
  const scheduler = job.labels[marks.scheduler] ?? job.annotations[marks.scheduler];
  const run = Number(job.labels[marks.run]);
  if (taskId === undefined || scheduler === undefined || !Number.isSafeInteger(run)) return undefined;
  const handle: KubernetesHandle = { version: 1, name: job.name, uid: job.uid };
  return { handle, taskId, run, scheduler, createdAt: job.createdAt };
}

/** The name of a run's Job. At most 63 characters, so that the cluster can put it on the pods as a label. */
export function jobName(taskId: string, run: number): string {
  return `task-${taskId}-${run}`;
}
