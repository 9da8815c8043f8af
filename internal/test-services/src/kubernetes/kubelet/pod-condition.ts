import type { IPodCondition } from "kubernetes-models/v1";
import type { Pod } from "../store/api-object.ts";

/** Sets a condition of a pod; its time is when its status changed last. */
export function setPodCondition(pod: Pod, condition: IPodCondition, now: string): void {
  const conditions = pod.status.conditions ?? [];
  const present = conditions.find(({ type }) => type === condition.type);
  const since = present?.status === condition.status ? present.lastTransitionTime : undefined;
  const next = { ...condition, lastTransitionTime: since ?? now };
  pod.status.conditions = present
    ? conditions.map((other) => (other === present ? next : other))
    : [...conditions, next];
}
