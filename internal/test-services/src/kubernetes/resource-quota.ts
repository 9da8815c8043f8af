import type { IPodSpec } from "kubernetes-models/v1";
import type { Job, Pod } from "./store/api-object.ts";
import { parseQuantity } from "./validation/quantity.ts";

/** What a namespace may hold, by the names of ResourceQuota: `pods`, `count/jobs.batch`, `requests.memory`, … */
export type Quota = Readonly<Record<string, string | number>>;

/**
 * Why this object is more than the quota leaves, in the words of the admission controller; undefined when it is not.
 *
 * @see https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function quotaProblem(
  quota: Quota,
  object: Job | Pod,
  present: { readonly jobs: readonly Job[]; readonly pods: readonly Pod[] },
): string | undefined {
  const using = [...present.jobs, ...present.pods.filter((pod) => !isTerminal(pod))];
  const exceeded = Object.entries(quota).flatMap(([name, hard]) => {
    const wanted = usageOf(name, object);
    const used = using.reduce((sum, other) => sum + usageOf(name, other), 0);
    return wanted > 0 && used + wanted > (parseQuantity(hard) ?? 0) ? [{ name, wanted, used, hard }] : [];
  });
  if (exceeded.length === 0) return undefined;
  const amounts = (key: "wanted" | "used" | "hard"): string =>
    exceeded.map((one) => `${one.name}=${one[key]}`).join(",");
  return `exceeded quota: mayfly, requested: ${amounts("wanted")}, used: ${amounts("used")}, limited: ${amounts("hard")}`;
}

/** Whether it has ended: it holds nothing any more. */
export function isTerminal({ status }: Pod): boolean {
  return status.phase === "Succeeded" || status.phase === "Failed";
}

function usageOf(name: string, object: Job | Pod): number {
  if (object.kind === "Job") return name === "count/jobs.batch" ? 1 : 0;
  if (name === "pods" || name === "count/pods") return 1;
  const [, part = "requests", resource = name] = /^(requests|limits)\.(.+)$/.exec(name) ?? [];
  return amountOf((object as Pod).spec, part as "requests" | "limits", resource);
}

/** How much of a resource all containers of a pod ask for. */
export function amountOf(spec: IPodSpec, part: "requests" | "limits", resource: string): number {
  return spec.containers.reduce(
    (sum, { resources }) => sum + (parseQuantity(resources?.[part]?.[resource] ?? 0) ?? 0),
    0,
  );
}
