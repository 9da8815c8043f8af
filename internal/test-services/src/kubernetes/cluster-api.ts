import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "@mayfly/service";
import type { DeleteOptions } from "./delete-options.ts";
import { decoded, newObject } from "./new-object.ts";
import { isTerminal, type Quota, quotaProblem } from "./resource-quota.ts";
import { type FieldProblem, StatusError } from "./status-error.ts";
import type { ApiObject, Job, ObjectMeta, Pod } from "./store/api-object.ts";
import { apiNow, apiTime } from "./store/api-time.ts";
import type { ObjectStore } from "./store/object-store.ts";
import type { ObjectOf, Resource } from "./store/resource-kind.ts";
import { forbidden } from "./validation/field-problems.ts";
import { jobProblems, jobUpdateProblems } from "./validation/job-validation.ts";
import { metaProblems } from "./validation/meta-validation.ts";
import { podSecurityViolations } from "./validation/pod-security.ts";
import { podSpecProblems } from "./validation/pod-validation.ts";
import { checkSchema } from "./validation/schema-validation.ts";

/** What keeps an object although it is deleted, until its dependents have gone or lost their owner. */
export const propagationFinalizers = { Foreground: "foregroundDeletion", Orphan: "orphan" } as const;

/**
 * What may be done with objects, and by which rules: the part of an API server between HTTP and the store. Controllers
 * and kubelets of this cluster use it directly.
 */
export class ClusterApi {
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** The one namespace, with quota and the Pod Security Standard *restricted*. */
  readonly namespace: string;
  quota: Quota = {};
  /** The command of a container that is added to each new pod, as a mutating webhook does. */
  sidecar: readonly string[] | undefined;

  constructor(options: { readonly store: ObjectStore; readonly clock: Clock; readonly namespace: string }) {
    this.store = options.store;
    this.clock = options.clock;
    this.namespace = options.namespace;
  }

  /** Makes the namespace of this cluster. */
  createNamespace(): void {
    const meta = newMeta(this.namespace, apiNow(this.clock));
    const labels = {
      "kubernetes.io/metadata.name": this.namespace,
      "pod-security.kubernetes.io/enforce": "restricted",
    };
    this.store.put("namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { ...meta, labels } });
  }

  /** @throws `NotFound` */
  get<R extends Resource>(resource: R, namespace: string, name: string): ObjectOf[R] {
    const object = this.store.get(resource, namespace, name);
    if (object === undefined) throw StatusError.notFound(resource, name);
    return object;
  }

  create<R extends Resource>(resource: R, namespace: string, body: unknown): ObjectOf[R] {
    const object = newObject(resource, namespace, body, apiNow(this.clock));
    if (object.kind === "Pod" && this.sidecar !== undefined) addContainer(object as Pod, this.sidecar);
    const { name } = object.metadata;
    refuse(resource, name, [...metaProblems(object.metadata), ...problemsOf(object)]);
    if (this.store.get("namespaces", "", namespace) === undefined) throw StatusError.notFound("namespaces", namespace);
    this.#admit(resource, object);
    if (this.store.get(resource, namespace, name) !== undefined) throw StatusError.alreadyExists(resource, name);
    return this.store.put(resource, object);
  }

  /** Puts an object in the place of the present one; only its status, or only the rest. */
  update<R extends Resource>(
    resource: R,
    present: ObjectOf[R],
    body: unknown,
    part: "status" | "main" = "main",
  ): ObjectOf[R] {
    const given = decoded(resource, body) as unknown as ObjectOf[R];
    const { name, uid, resourceVersion } = present.metadata;
    const { metadata } = given;
    if (metadata.name !== name)
      throw StatusError.badRequest(
        `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
      );
    if (metadata.uid !== undefined && metadata.uid !== uid)
      throw StatusError.conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`,
      );
    if (metadata.resourceVersion && metadata.resourceVersion !== resourceVersion)
      throw StatusError.conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    const next = part === "status" ? withStatusOf(present, given) : withMainOf(present, given);
    refuse(resource, name, [...metaProblems(next.metadata), ...problemsOf(next), ...updateProblems(next, present)]);
    return this.#write(resource, present, next);
  }

  /** Changes an object as the parts of the cluster do it, without the rules for users; undefined when it is not there. */
  edit<R extends Resource>(
    resource: R,
    { namespace, name, uid }: { readonly namespace: string; readonly name: string; readonly uid: string },
    change: (draft: ObjectOf[R]) => void,
  ): ObjectOf[R] | undefined {
    const present = this.store.get(resource, namespace, name);
    if (present?.metadata.uid !== uid) return undefined;
    const draft = structuredClone(present);
    change(draft);
    checkSchema(resource, draft);
    return this.#write(resource, present, draft);
  }

  /**
   * Deletes an object, or begins to. The returned one has a `deletionTimestamp` if it is still there.
   *
   * @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  delete<R extends Resource>(resource: R, present: ObjectOf[R], options: DeleteOptions): ObjectOf[R] {
    const { name, uid, resourceVersion } = present.metadata;
    const wanted = options.preconditions ?? {};
    if (wanted.uid !== undefined && wanted.uid !== uid)
      throw StatusError.conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid}`,
      );
    if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion)
      throw StatusError.conflict(
        resource,
        name,
        `Precondition failed: ResourceVersion in precondition: ${wanted.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
      );
    const grace = graceOf(present, options);
    const metadata = { ...present.metadata, finalizers: finalizersOf(present, options) };
    if (grace < (metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY)) {
      metadata.deletionTimestamp = apiTime(this.clock.now() + grace * 1_000);
      metadata.deletionGracePeriodSeconds = grace;
    }
    if (metadata.finalizers.length === 0) Reflect.deleteProperty(metadata, "finalizers");
    return this.#write(resource, present, { ...present, metadata });
  }

  #write<R extends Resource>(resource: R, present: ObjectOf[R], next: ObjectOf[R]): ObjectOf[R] {
    const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = next.metadata;
    if (deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0) {
      this.store.remove(resource, next);
      return next;
    }
    return isDeepStrictEqual(present, next) ? present : this.store.put(resource, next);
  }

  #admit(resource: Resource, object: ApiObject): void {
    const { name } = object.metadata;
    if (object.kind === "Pod") {
      const violations = podSecurityViolations((object as Pod).spec);
      if (violations.length > 0)
        throw StatusError.forbidden(
          resource,
          name,
          `violates PodSecurity "restricted:latest": ${violations.join(", ")}`,
        );
    }
    if (object.kind !== "Job" && object.kind !== "Pod") return;
    const present = { jobs: this.store.list("jobs"), pods: this.store.list("pods") };
    const exceeded = quotaProblem(this.quota, object as Job | Pod, present);
    if (exceeded !== undefined) throw StatusError.forbidden(resource, name, exceeded);
  }
}

/** Adds a container that is like the first one, but for its name and command. */
function addContainer({ spec }: Pod, command: readonly string[]): void {
  const [first] = spec.containers;
  if (first !== undefined) spec.containers = [...spec.containers, { ...first, name: "sidecar", command: [...command] }];
}

function newMeta(name: string, now: string): ObjectMeta {
  return { name, namespace: "", uid: randomUUID(), resourceVersion: "", creationTimestamp: now };
}

function refuse(resource: Resource, name: string, problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw StatusError.invalid(resource, name, problems);
}

function problemsOf(object: ApiObject): readonly FieldProblem[] {
  if (object.kind === "Job") return jobProblems(object as Job);
  return object.kind === "Pod" ? podSpecProblems("spec", (object as Pod).spec) : [];
}

function updateProblems(next: ApiObject, present: ApiObject): readonly FieldProblem[] {
  if (next.kind === "Job") return jobUpdateProblems(next as Job, present as Job);
  if (next.kind !== "Pod" || isDeepStrictEqual((next as Pod).spec, (present as Pod).spec)) return [];
  return [forbidden("spec", "pod updates may not change fields of the spec here")];
}

function withStatusOf<T extends ApiObject>(present: T, given: T): T {
  return { ...present, status: Reflect.get(given, "status") ?? {} };
}

function withMainOf<T extends ApiObject>(present: T, given: T): T {
  const { generation = 1, uid, resourceVersion, creationTimestamp, namespace } = present.metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds } = present.metadata;
  const metadata = {
    ...given.metadata,
    uid,
    resourceVersion,
    creationTimestamp,
    namespace,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
    ...(present.kind === "Job" && { generation }),
  };
  const next = { ...given, metadata };
  if (Reflect.has(present, "status")) Reflect.set(next, "status", Reflect.get(present, "status"));
  if (present.kind === "Job" && !isDeepStrictEqual((next as unknown as Job).spec, (present as unknown as Job).spec))
    next.metadata.generation = generation + 1;
  return next;
}

/** A pod that runs is given time; what never ran, or has ended, needs none. */
function graceOf(object: ApiObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (object.kind !== "Pod") return 0;
  const pod = object as Pod;
  if (pod.spec.nodeName === undefined || isTerminal(pod)) return 0;
  return gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}

function finalizersOf({ kind, metadata }: ApiObject, { propagationPolicy }: DeleteOptions): string[] {
  const { finalizers = [] } = metadata;
  const others = finalizers.filter((name) => !Object.values<string>(propagationFinalizers).includes(name));
  // For compatibility with its early days, batch/v1 orphans a Job's pods unless told otherwise.
  const policy = propagationPolicy ?? (kind === "Job" && finalizers.length === others.length ? "Orphan" : undefined);
  if (policy === "Background") return others;
  return policy === undefined ? finalizers : [...others, propagationFinalizers[policy]];
}
