import type { ApiObject, ClusterEvent, Job, Pod } from "./api-object.ts";

/** The objects of each resource that the server knows. */
export interface ObjectOf {
  jobs: Job;
  pods: Pod;
  events: ClusterEvent;
  namespaces: ApiObject;
}

/** A resource by its plural name, which is its name in paths. */
export type Resource = keyof ObjectOf;

/** Where a resource is found, and what its objects are called. */
export interface ResourceKind {
  readonly resource: Resource;
  /** "" is the core group. */
  readonly group: "" | "batch";
  readonly kind: string;
}

const kinds: Readonly<Record<Resource, ResourceKind>> = {
  jobs: { resource: "jobs", group: "batch", kind: "Job" },
  pods: { resource: "pods", group: "", kind: "Pod" },
  events: { resource: "events", group: "", kind: "Event" },
  namespaces: { resource: "namespaces", group: "", kind: "Namespace" },
};

/** How the resource is described. */
export function kindOf(resource: Resource): ResourceKind {
  return kinds[resource];
}

/** The resource of this name in this API group, if the server has it. */
export function findResource(group: string, name: string): Resource | undefined {
  return Object.values(kinds).find((kind) => kind.group === group && kind.resource === name)?.resource;
}

/** `batch/v1`, `v1` */
export function apiVersionOf({ group }: ResourceKind): string {
  return group === "" ? "v1" : `${group}/v1`;
}

/** The name that messages use: `jobs.batch`, `pods`. */
export function qualifiedName({ resource, group }: ResourceKind): string {
  return group === "" ? resource : `${resource}.${group}`;
}
