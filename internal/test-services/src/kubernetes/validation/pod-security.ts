import type { IContainer, IPodSpec, ISecurityContext, IVolume } from "kubernetes-models/v1";

const allowedVolumes = new Set<keyof IVolume>([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const confined = ["RuntimeDefault", "Localhost"];

/**
 * In which ways a pod breaks the Pod Security Standard *restricted*, in the words of the admission controller.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function podSecurityViolations(spec: IPodSpec): readonly string[] {
  const pod = spec.securityContext ?? {};
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const each = (isWrong: (context: ISecurityContext, container: IContainer) => boolean, what: string, must: string) => {
    const wrong = containers.filter((container) => isWrong(container.securityContext ?? {}, container));
    return wrong.map(({ name }) => `${what} (container "${name}" must ${must})`);
  };
  const volumes = (spec.volumes ?? []).filter((volume) =>
    Object.keys(volume).some((type) => type !== "name" && !allowedVolumes.has(type as keyof IVolume)),
  );
  return [
    ...(spec.hostNetwork || spec.hostPID || spec.hostIPC ? ["host namespaces (must not be set)"] : []),
    ...each(({ privileged }) => privileged === true, "privileged", "not set securityContext.privileged=true"),
    ...each(
      (_context, { ports = [] }) => ports.some(({ hostPort = 0 }) => hostPort !== 0),
      "hostPort",
      "not use hostPorts",
    ),
    ...each(
      ({ allowPrivilegeEscalation }) => allowPrivilegeEscalation !== false,
      "allowPrivilegeEscalation != false",
      "set securityContext.allowPrivilegeEscalation=false",
    ),
    ...each(
      ({ capabilities }) => !capabilities?.drop?.includes("ALL"),
      "unrestricted capabilities",
      'set securityContext.capabilities.drop=["ALL"]',
    ),
    ...each(
      ({ capabilities }) => (capabilities?.add ?? []).some((capability) => capability !== "NET_BIND_SERVICE"),
      "unrestricted capabilities",
      "not include them in securityContext.capabilities.add",
    ),
    ...volumes.map(({ name }) => `restricted volume types (volume "${name}" uses a restricted volume type)`),
    ...each(
      ({ runAsNonRoot }) => (runAsNonRoot ?? pod.runAsNonRoot) !== true,
      "runAsNonRoot != true",
      "set securityContext.runAsNonRoot=true, or the pod",
    ),
    ...each(({ runAsUser }) => (runAsUser ?? pod.runAsUser) === 0, "runAsUser=0", "not set runAsUser=0"),
    ...each(
      ({ seccompProfile }) => !confined.includes((seccompProfile ?? pod.seccompProfile)?.type ?? ""),
      "seccompProfile",
      'set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost", or the pod',
    ),
    ...each(({ procMount = "Default" }) => procMount !== "Default", "procMount", "not set securityContext.procMount"),
    ...((pod.sysctls ?? []).length > 0 ? ["forbidden sysctls (must not be set)"] : []),
  ];
}
