import type { IContainer, IPodSpec, IPodStatus } from "kubernetes-models/v1";

/**
 * Fills in what a pod leaves out, as the API server does.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
export function withPodDefaults(spec: IPodSpec): IPodSpec {
  return {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
    ...spec,
    containers: (spec.containers ?? []).map(withContainerDefaults),
  };
}

function withContainerDefaults(container: IContainer): IContainer {
  const { image = "", resources = {} } = container;
  const requests = { ...resources.limits, ...resources.requests };
  return {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: hasMovingTag(image) ? "Always" : "IfNotPresent",
    ...container,
    resources: { ...resources, ...(Object.keys(requests).length > 0 && { requests }) },
  };
}

/** `latest`, said or not. A colon before the last slash belongs to a port. */
function hasMovingTag(image: string): boolean {
  if (image.includes("@")) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest";
}

/** @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function qosClassOf({ containers }: IPodSpec): NonNullable<IPodStatus["qosClass"]> {
  const amounts = containers.flatMap(({ resources = {} }) =>
    (["cpu", "memory"] as const).map((name) => [resources.requests?.[name], resources.limits?.[name]] as const),
  );
  if (amounts.every(([request, limit]) => request === undefined && limit === undefined)) return "BestEffort";
  return amounts.every(([request, limit]) => limit !== undefined && request === limit) ? "Guaranteed" : "Burstable";
}
