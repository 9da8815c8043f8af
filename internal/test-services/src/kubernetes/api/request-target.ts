import { findResource, type Resource } from "../store/resource-kind.ts";

/** What a path names. */
export interface RequestTarget {
  readonly resource: Resource;
  /** Undefined for all namespaces; "" for a resource that has none. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/**
 * Reads a path such as `/apis/batch/v1/namespaces/mayfly/jobs/a/status`; undefined when it names no resource that the
 * server has.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
export function parseTarget(path: string): RequestTarget | undefined {
  const parts = path.split("/").slice(1).map(decodeURIComponent);
  const isCore = parts[0] === "api";
  const group = isCore ? "" : (parts[1] ?? "");
  const version = isCore ? parts[1] : parts[2];
  if (!(isCore || parts[0] === "apis") || version !== "v1") return undefined;
  const rest = parts.slice(isCore ? 2 : 3);
  if (isCore && rest[0] === "namespaces" && rest.length <= 2)
    return { resource: "namespaces", namespace: "", name: rest[1], subresource: undefined };
  const isNamespaced = rest[0] === "namespaces";
  const [plural = "", name, subresource, ...more] = isNamespaced ? rest.slice(2) : rest;
  const resource = findResource(group, plural);
  // Objects of namespaces are reached through them; all namespaces together can only be listed.
  if (resource === undefined || more.length > 0 || (!isNamespaced && name !== undefined)) return undefined;
  return { resource, namespace: isNamespaced ? rest[1] : undefined, name, subresource };
}
