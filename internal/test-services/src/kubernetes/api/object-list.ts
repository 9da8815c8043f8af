import { isJsonObject } from "../patch/json.ts";
import { StatusError } from "../status-error.ts";
import type { ApiObject } from "../store/api-object.ts";
import { FieldSelector } from "../store/field-selector.ts";
import { parseLabelSelector } from "../store/label-selector.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { apiVersionOf, kindOf, type Resource } from "../store/resource-kind.ts";
import type { RequestTarget } from "./request-target.ts";

/** Whether a list or a watch wants this object. */
export type ObjectFilter = (object: ApiObject) => boolean;

/** The selection of a request: namespace, labels and fields. */
export function filterOf({ resource, namespace }: RequestTarget, query: URLSearchParams): ObjectFilter {
  const labels = parseLabelSelector(query.get("labelSelector") ?? "");
  const fields = new FieldSelector(resource, query.get("fieldSelector") ?? "");
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labels(object.metadata.labels ?? {}) &&
    fields.matches(object);
}

/** A list as it is sent. */
export interface ObjectList {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly ApiObject[];
}

/** Where the next page begins: after this key, as things were at this revision. */
interface Place {
  readonly revision: number;
  readonly after: string;
}

/**
 * Answers a list request, a page at a time if it has a `limit`. All pages show the same moment.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 * @throws `Expired` when the moment of the first page is forgotten, or when a moment is asked for that is.
 */
export function listObjects(store: ObjectStore, target: RequestTarget, query: URLSearchParams): ObjectList {
  const place = placeOf(store, target.resource, query);
  const limit = Number(query.get("limit") ?? 0);
  const all = store.at(target.resource, place.revision).filter(filterOf(target, query));
  const rest = all.filter((object) => keyOf(object) > place.after);
  const items = limit > 0 ? rest.slice(0, limit) : rest;
  const last = items.at(-1);
  const remaining = rest.length - items.length;
  const isSelected = query.has("labelSelector") || query.has("fieldSelector");
  const kind = kindOf(target.resource);
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: {
      resourceVersion: String(place.revision),
      ...(remaining > 0 && last && { continue: encode({ revision: place.revision, after: keyOf(last) }) }),
      ...(remaining > 0 && !isSelected && { remainingItemCount: remaining }),
    },
    items: items.map(withoutKind),
  };
}

/** Objects of a list do not repeat what kind they are. */
function withoutKind({ apiVersion: _version, kind: _kind, ...object }: ApiObject): ApiObject {
  return object as ApiObject;
}

function placeOf(store: ObjectStore, resource: Resource, query: URLSearchParams): Place {
  const token = query.get("continue");
  if (token) {
    const place = decode(token);
    if (place.revision >= store.compacted) return place;
    throw StatusError.expired("The provided continue parameter is too old to display a consistent list result.");
  }
  const version = query.get("resourceVersion") ?? "";
  const revision = Number(version);
  if (!Number.isInteger(revision) || revision < 0)
    throw StatusError.badRequest(`Invalid value: ${JSON.stringify(version)}: resource version of ${resource}`);
  if (revision > store.revision)
    throw new StatusError(504, "Timeout", `Too large resource version: ${version}, current: ${store.revision}`);
  const isExact = query.get("resourceVersionMatch") === "Exact" && revision > 0;
  return { revision: isExact ? revision : store.revision, after: "" };
}

function encode(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function decode(token: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (isJsonObject(place) && typeof place["revision"] === "number" && typeof place["after"] === "string")
      return { revision: place["revision"], after: place["after"] };
  } catch {
    // Said below.
  }
  throw StatusError.badRequest("continue key is not valid");
}

/** In the order in which lists are sent. */
function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
