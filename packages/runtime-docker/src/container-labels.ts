import type { Owned } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";
import type { DockerHandle } from "./docker-handle.ts";

/** The labels that a container carries. */
export const labels = {
  deployment: "mayfly.deployment",
  task: "mayfly.task",
  run: "mayfly.run",
  scheduler: "mayfly.scheduler",
  instance: "mayfly.instance",
  deadline: "mayfly.deadline",
} as const;

/** What of a run is shown on its container. */
export interface LabelledRun {
  readonly task: Task;
  readonly run: number;
  /** In epoch milliseconds. */
  readonly deadline: number;
  readonly deployment: string;
  readonly instance: string | undefined;
}

/** The labels of a new container. */
export function labelsOf({ task, run, deadline, deployment, instance }: LabelledRun): Record<string, string> {
  return {
    [labels.deployment]: deployment,
    [labels.task]: task.id,
    [labels.run]: String(run),
    [labels.scheduler]: task.scheduler,
    [labels.deadline]: new Date(deadline).toISOString(),
    ...(instance === undefined ? {} : { [labels.instance]: instance }),
  };
}

/** Whether a container that has a run's name is that run's, and not something else of the same name. */
export function isOfRun(found: Readonly<Record<string, string>>, { task, run, deployment }: LabelledRun): boolean {
  return found[labels.deployment] === deployment && found[labels.task] === task.id && found[labels.run] === String(run);
}

/** A listed container as its owner knows it; undefined when it lacks a label. */
export function ownedBy(container: {
  readonly Id: string;
  readonly Labels: Readonly<Record<string, string>>;
  /** In epoch seconds. */
  readonly Created: number;
}): Owned<DockerHandle> | undefined {
  const { [labels.task]: taskId, [labels.scheduler]: scheduler } = container.Labels;
  const run = Number(container.Labels[labels.run]);
  if (taskId === undefined || scheduler === undefined || !Number.isSafeInteger(run)) return undefined;
  const handle: DockerHandle = { version: 1, name: containerName(taskId, run), id: container.Id };
  return { handle, taskId, run, scheduler, createdAt: container.Created * 1_000 };
}

/** The name of a run's container. */
export function containerName(taskId: string, run: number): string {
  return `task-${taskId}-${run}`;
}
