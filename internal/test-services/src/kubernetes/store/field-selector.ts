import { StatusError } from "../status-error.ts";
import type { ApiObject } from "./api-object.ts";
import type { Resource } from "./resource-kind.ts";

const everywhere = ["metadata.name", "metadata.namespace"];

const supported: Readonly<Record<Resource, readonly string[]>> = {
  jobs: [...everywhere, "status.successful"],
  pods: [...everywhere, "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase"],
  events: [...everywhere, "involvedObject.kind", "involvedObject.name", "involvedObject.uid", "reason", "type"],
  namespaces: ["metadata.name", "status.phase"],
};

/** One `field=value` or `field!=value`. */
interface Requirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** A `fieldSelector`, such as `metadata.name=a,status.phase!=Running`. */
export class FieldSelector {
  readonly #requirements: readonly Requirement[];

  /** @throws `BadRequest` when it is none, or names a field by which this resource cannot be selected. */
  constructor(resource: Resource, text: string) {
    this.#requirements = text
      .split(",")
      .filter((part) => part !== "")
      .map((part) => parseRequirement(resource, part));
  }

  /** The only name that it lets through, if there is one. */
  get name(): string | undefined {
    return this.#requirements.find(({ field, equal }) => field === "metadata.name" && equal)?.value;
  }

  matches(object: ApiObject): boolean {
    return this.#requirements.every(({ field, equal, value }) => (fieldOf(object, field) === value) === equal);
  }
}

function parseRequirement(resource: Resource, text: string): Requirement {
  const [, field = "", operator, value = ""] = /^([^!=]+)(==|=|!=)(.*)$/.exec(text) ?? [];
  if (operator === undefined) throw StatusError.badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  if (!supported[resource].includes(field)) throw StatusError.badRequest(`field label not supported: ${field}`);
  return { field, equal: operator !== "!=", value };
}

function fieldOf(object: ApiObject, field: string): string {
  if (field === "status.successful") return fieldOf(object, "status.succeeded") || "0";
  let value: unknown = object;
  for (const part of field.split("."))
    value = typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
