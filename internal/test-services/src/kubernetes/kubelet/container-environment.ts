import type { IContainer, IEnvVar } from "kubernetes-models/v1";
import type { Pod } from "../store/api-object.ts";
import { expandVariables } from "./variable-expansion.ts";

/** What the kubelet tells the container runtime to run. */
export interface ContainerEnvironment {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The command and the variables of a container.
 *
 * @throws Error when something that it refers to is not there (`CreateContainerConfigError`).
 */
export function environmentOf(pod: Pod, container: IContainer): ContainerEnvironment {
  const { runAsNonRoot, runAsUser } = { ...pod.spec.securityContext, ...container.securityContext };
  // Images are only names here: as most do, they name no user.
  if (runAsNonRoot && runAsUser === undefined) throw new Error("container has runAsNonRoot and image will run as root");
  const env: Record<string, string> = { PATH: process.env["PATH"] ?? "", HOSTNAME: pod.metadata.name };
  for (const variable of container.env ?? []) {
    const value = valueOf(pod, variable, env);
    if (value !== undefined) env[variable.name] = value;
  }
  const command = [...(container.command ?? []), ...(container.args ?? [])];
  return { command: command.map((part) => expandVariables(part, env)), env };
}

function valueOf(
  pod: Pod,
  { value = "", valueFrom }: IEnvVar,
  env: Readonly<Record<string, string>>,
): string | undefined {
  if (valueFrom === undefined) return expandVariables(value, env);
  const { secretKeyRef, configMapKeyRef, fieldRef } = valueFrom;
  if (fieldRef !== undefined) return fieldOf(pod, fieldRef.fieldPath);
  const missing = secretKeyRef ?? configMapKeyRef;
  if (missing?.optional) return undefined;
  throw new Error(`${secretKeyRef ? "secret" : "configmap"} "${missing?.name ?? ""}" not found`);
}

function fieldOf({ metadata, spec }: Pod, path: string): string {
  const label = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (label) return metadata[label[1] as "labels" | "annotations"]?.[label[2] ?? ""] ?? "";
  const fields: Readonly<Record<string, string | undefined>> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
    "spec.nodeName": spec.nodeName,
    "spec.serviceAccountName": spec.serviceAccountName,
  };
  const value = fields[path];
  if (value === undefined) throw new Error(`fieldPath "${path}" is not supported here`);
  return value;
}
