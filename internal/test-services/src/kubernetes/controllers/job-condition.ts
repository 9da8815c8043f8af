import type { IJobCondition } from "kubernetes-models/batch/v1";
import type { Job } from "../store/api-object.ts";

/** The condition of this type, if it holds. */
export function conditionOf({ status }: Job, type: string): IJobCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type && condition.status === "True");
}

/** Sets a condition; keeps its time when it does not change. */
export function setCondition(job: Job, condition: IJobCondition, now: string): void {
  const others = (job.status.conditions ?? []).filter(({ type }) => type !== condition.type);
  const present = (job.status.conditions ?? []).find(({ type }) => type === condition.type);
  if (present?.status === condition.status) return;
  job.status.conditions = [...others, { ...condition, lastProbeTime: now, lastTransitionTime: now }];
}

/** When it ended, if it has; milliseconds. */
export function finishedAt(job: Job): number | undefined {
  const condition = conditionOf(job, "Complete") ?? conditionOf(job, "Failed");
  return condition === undefined ? undefined : Date.parse(condition.lastTransitionTime ?? "");
}
