import type { ClusterApi } from "../cluster-api.ts";
import { parseDeleteOptions } from "../delete-options.ts";
import { setPodCondition } from "../kubelet/pod-condition.ts";
import { isJsonObject, type JsonObject } from "../patch/json.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { strategicMergePatch } from "../patch/strategic-merge-patch.ts";
import { type Status, StatusError } from "../status-error.ts";
import type { ApiObject, Job } from "../store/api-object.ts";
import { apiNow } from "../store/api-time.ts";
import { kindOf, type Resource } from "../store/resource-kind.ts";
import { podSecurityViolations } from "../validation/pod-security.ts";

/** What a write answers. */
export interface WriteAnswer {
  readonly code: number;
  readonly body: ApiObject | Status;
  readonly warnings?: readonly string[];
}

/** Creates an object. Pod security only warns of a Job: it is its pods that are refused. */
export function createObject(api: ClusterApi, resource: Resource, namespace: string, given: unknown): WriteAnswer {
  const body = api.create(resource, namespace, given);
  const spec = body.kind === "Job" ? (body as Job).spec.template.spec : undefined;
  const violations = spec === undefined ? [] : podSecurityViolations(spec);
  const warnings =
    violations.length > 0 ? [`would violate PodSecurity "restricted:latest": ${violations.join(", ")}`] : [];
  return { code: 201, body, warnings };
}

/** Replaces an object, or its status. */
export function replaceObject(
  api: ClusterApi,
  resource: Resource,
  present: ApiObject,
  part: "status" | "main",
  given: unknown,
): WriteAnswer {
  return { code: 200, body: api.update(resource, present, given, part) };
}

/** Changes an object, or its status, by one of three kinds of patches; server-side apply is not known here. */
export function patchObject(
  api: ClusterApi,
  resource: Resource,
  present: ApiObject,
  part: "status" | "main",
  patch: unknown,
  mediaType: string,
): WriteAnswer {
  const next = patched(present, patch, mediaType);
  return { code: 200, body: api.update(resource, present, next, part) };
}

/** Deletes an object, or begins to. */
export function deleteObject(
  api: ClusterApi,
  resource: Resource,
  present: ApiObject,
  query: URLSearchParams,
  given: unknown,
): WriteAnswer {
  const options = parseDeleteOptions(given, query);
  const body = api.delete(resource, present, options);
  const orphans = resource === "jobs" && options.propagationPolicy === undefined;
  const warnings = orphans
    ? ["child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them"]
    : [];
  const { namespace, name, uid } = body.metadata;
  if (api.store.get(resource, namespace, name)?.metadata.uid === uid || resource === "pods")
    return { code: 200, body, warnings };
  const details = { name, group: kindOf(resource).group, kind: resource, uid };
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details, code: 200 } as const;
  return { code: 200, body: status, warnings };
}

/**
 * Evicts a pod through the API: it is deleted, and says why.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export function evictPod(api: ClusterApi, namespace: string, name: string, given: unknown): WriteAnswer {
  const options = isJsonObject(given) ? given["deleteOptions"] : undefined;
  const { metadata } = api.get("pods", namespace, name);
  api.edit("pods", metadata, (draft) => {
    const message = "Eviction API: evicting";
    const condition = { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message };
    setPodCondition(draft, condition, apiNow(api.clock));
  });
  api.delete("pods", api.get("pods", namespace, name), parseDeleteOptions(options ?? {}, new URLSearchParams()));
  return { code: 201, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } };
}

function patched(present: ApiObject, patch: unknown, mediaType: string): unknown {
  const document = present as unknown as JsonObject;
  try {
    if (mediaType === "application/json-patch+json") return jsonPatch(document, Array.isArray(patch) ? patch : [patch]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StatusError(422, "Invalid", `the server rejected our request due to an error in our request: ${why}`);
  }
  if (!isJsonObject(patch)) throw StatusError.badRequest("a patch must be a JSON object");
  if (mediaType === "application/merge-patch+json") return mergePatch(document, patch);
  return strategicMergePatch(document, patch);
}
