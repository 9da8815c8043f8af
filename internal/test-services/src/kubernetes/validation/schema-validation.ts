import { Job as JobModel } from "kubernetes-models/batch/v1/Job";
import { Event as EventModel } from "kubernetes-models/v1/Event";
import { Namespace as NamespaceModel } from "kubernetes-models/v1/Namespace";
import { Pod as PodModel } from "kubernetes-models/v1/Pod";
import { type FieldProblem, StatusError } from "../status-error.ts";
import { kindOf, type Resource } from "../store/resource-kind.ts";
import { ReadRecord } from "./read-record.ts";

/** Validators that were generated from the OpenAPI schema of Kubernetes. */
const models = { jobs: JobModel, pods: PodModel, events: EventModel, namespaces: NamespaceModel } as const;

/** What the validators report: an error object of Ajv. */
interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: { readonly missingProperty?: string };
  readonly message?: string;
}

/**
 * Checks an object against the official schema of its resource, and that it has no field which the schema does not
 * know. A real API server warns of such a field and drops it, unless it is asked with `fieldValidation=Strict`; in a test
 * it is a mistake.
 *
 * @throws `BadRequest` for what cannot be decoded, `Invalid` for what can but breaks the schema.
 */
export function checkSchema(resource: Resource, object: object): void {
  const record = new ReadRecord(object);
  const errors = schemaErrors(resource, record.proxy);
  const mistyped = errors.find(({ keyword }) => keyword === "type");
  const { kind } = kindOf(resource);
  if (mistyped !== undefined) {
    const why = `${fieldOf(mistyped.instancePath)} ${mistyped.message ?? "has another type"}`;
    throw StatusError.badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: json: ${why}`);
  }
  if (errors.length > 0) throw StatusError.invalid(resource, nameOf(object), errors.map(problemOf));
  const unknown = record.unread().map((field) => `unknown field "${field}"`);
  if (unknown.length > 0) throw StatusError.badRequest(`strict decoding error: ${unknown.join(", ")}`);
}

function schemaErrors(resource: Resource, object: object): readonly SchemaError[] {
  const model: { readonly validate: () => void } = models[resource].prototype;
  try {
    Reflect.apply(model.validate, object, []);
    return [];
  } catch (error) {
    const errors: unknown = error instanceof Error ? Reflect.get(error, "errors") : undefined;
    if (!Array.isArray(errors)) throw error;
    return errors as readonly SchemaError[];
  }
}

function problemOf({ instancePath, keyword, params, message = "" }: SchemaError): FieldProblem {
  const path = fieldOf(instancePath);
  if (keyword !== "required") return { reason: "FieldValueInvalid", field: path, message: `Invalid value: ${message}` };
  const field = [path, params.missingProperty ?? ""].filter((part) => part !== "").join(".");
  return { reason: "FieldValueRequired", field, message: "Required value" };
}

/** `/spec/containers/0/name` → `spec.containers[0].name` */
function fieldOf(instancePath: string): string {
  return instancePath
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : `${path}${path === "" ? "" : "."}${part}`), "");
}

function nameOf(object: object): string {
  const metadata: unknown = Reflect.get(object, "metadata");
  const name: unknown = typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "name") : undefined;
  return typeof name === "string" ? name : "";
}
