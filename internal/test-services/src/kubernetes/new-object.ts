import { randomUUID } from "node:crypto";
import { withJobDefaults } from "./job-defaults.ts";
import { isJsonObject, type JsonObject } from "./patch/json.ts";
import { qosClassOf, withPodDefaults } from "./pod-defaults.ts";
import { StatusError } from "./status-error.ts";
import type { ApiObject, Job, Pod } from "./store/api-object.ts";
import { randomSuffix } from "./store/random-name.ts";
import { apiVersionOf, kindOf, type ObjectOf, type Resource } from "./store/resource-kind.ts";
import { required } from "./validation/field-problems.ts";
import { checkSchema } from "./validation/schema-validation.ts";

/**
 * Makes the object that a create request asks for: decoded, checked against the schema, with defaults, and without what
 * only the server may say.
 *
 * @throws `BadRequest` or `Invalid`
 */
export function newObject<R extends Resource>(resource: R, namespace: string, body: unknown, now: string): ObjectOf[R] {
  const { metadata: givenMeta, ...given } = decoded(resource, body);
  const meta = isJsonObject(givenMeta) ? givenMeta : {};
  if (meta["namespace"] !== undefined && meta["namespace"] !== namespace)
    throw StatusError.badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  if (meta["resourceVersion"] !== undefined && meta["resourceVersion"] !== "")
    throw StatusError.badRequest("resourceVersion should not be set on objects to be created");
  const { generateName } = meta;
  const name = meta["name"] ?? (typeof generateName === "string" ? `${generateName}${randomSuffix()}` : undefined);
  if (typeof name !== "string" || name === "")
    throw StatusError.invalid(resource, "", [required("metadata.name", "name or generateName is required")]);
  const metadata = { ...meta, name, namespace, uid: randomUUID(), resourceVersion: "", creationTimestamp: now };
  for (const field of ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
    Reflect.deleteProperty(metadata, field);
  return withDefaults({ ...given, metadata } as unknown as ApiObject) as ObjectOf[R];
}

/**
 * An object of this resource as a request carries it.
 *
 * @throws `BadRequest` when it is of another kind, or `Invalid` when it breaks the schema.
 */
export function decoded(resource: Resource, body: unknown): JsonObject {
  const kind = kindOf(resource);
  if (!isJsonObject(body)) throw StatusError.badRequest("the body of the request must be a JSON object");
  const { apiVersion, kind: name } = body;
  if (apiVersion !== apiVersionOf(kind) || name !== kind.kind)
    throw StatusError.badRequest(
      `${String(name)} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${kind.kind}: the API version in the data does not match the expected API version (${apiVersionOf(kind)})`,
    );
  checkSchema(resource, body);
  return body;
}

function withDefaults(object: ApiObject): ApiObject {
  switch (object.kind) {
    case "Job": {
      const job = object as Job;
      return { ...job, metadata: { ...job.metadata, generation: 1 }, spec: withJobDefaults(job), status: {} } as Job;
    }
    case "Pod": {
      const pod = object as Pod;
      const spec = { enableServiceLinks: true, serviceAccountName: "default", ...withPodDefaults(pod.spec) };
      return { ...pod, spec, status: { phase: "Pending", qosClass: qosClassOf(spec) } } as Pod;
    }
    default:
      return object;
  }
}
