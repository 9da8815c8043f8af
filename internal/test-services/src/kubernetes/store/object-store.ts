import { StatusError } from "../status-error.ts";
import type { ApiObject } from "./api-object.ts";
import type { ObjectOf, Resource } from "./resource-kind.ts";

/** One change of one object. Objects of the store are never altered: each change makes another. */
export interface Change {
  readonly revision: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: Resource;
  /** What it is now, or was at last. */
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
}

const longestHistory = 50_000;

/**
 * All objects and the history of their changes, under one counter of revisions: what etcd and the watch cache are to an
 * API server.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export class ObjectStore {
  readonly #objects = new Map<string, ApiObject>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #revision = 1_000;
  /** Changes up to this one are forgotten. */
  #compacted = 1_000;

  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  get<R extends Resource>(resource: R, namespace: string, name: string): ObjectOf[R] | undefined {
    return this.#objects.get(keyOf(resource, namespace, name)) as ObjectOf[R] | undefined;
  }

  /** All objects of a resource, by namespace and name. */
  list<R extends Resource>(resource: R, namespace?: string): readonly ObjectOf[R][] {
    return this.at(resource, this.#revision, namespace);
  }

  /**
   * The objects as they were at this revision.
   *
   * @throws `Expired` when the history does not go back that far.
   */
  at<R extends Resource>(resource: R, revision: number, namespace?: string): readonly ObjectOf[R][] {
    const objects = new Map(this.#objects);
    for (const change of this.since(revision).reverse()) {
      const key = keyOf(change.resource, change.object.metadata.namespace, change.object.metadata.name);
      if (change.previous === undefined) objects.delete(key);
      else objects.set(key, change.previous);
    }
    const prefix = namespace === undefined ? `${resource}/` : `${resource}/${namespace}/`;
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.map((key) => objects.get(key) as ObjectOf[R]);
  }

  /**
   * The changes after this revision, oldest first.
   *
   * @throws `Expired` when the history does not go back that far.
   */
  since(revision: number): Change[] {
    if (revision < this.#compacted)
      throw StatusError.expired(`too old resource version: ${revision} (${this.#compacted})`);
    const first = this.#history.findIndex((change) => change.revision > revision);
    return first === -1 ? [] : this.#history.slice(first);
  }

  /** Adds an object or replaces it; gives it the next resource version. */
  put<R extends Resource>(resource: R, object: ObjectOf[R]): ObjectOf[R] {
    const { namespace, name } = object.metadata;
    const previous = this.get(resource, namespace, name);
    const stored = this.#numbered(object);
    this.#objects.set(keyOf(resource, namespace, name), stored);
    this.#announce({ type: previous === undefined ? "ADDED" : "MODIFIED", resource, object: stored, previous });
    return stored;
  }

  /** Removes an object that is there. */
  remove<R extends Resource>(resource: R, object: ObjectOf[R]): void {
    const { namespace, name } = object.metadata;
    this.#objects.delete(keyOf(resource, namespace, name));
    this.#announce({ type: "DELETED", resource, object: this.#numbered(object), previous: object });
  }

  /** Calls `listener` with each change from now on, at once. Returns what ends that. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the history, as etcd does after a while (5 minutes by default). */
  compact(): void {
    // A revision of its own, so that whatever anyone has seen is older than the history.
    this.#revision += 1;
    this.#compacted = this.#revision;
    this.#history = [];
  }

  #numbered<T extends ApiObject>(object: T): T {
    this.#revision += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } };
  }

  #announce(change: Omit<Change, "revision">): void {
    const full = { ...change, revision: this.#revision };
    this.#history.push(full);
    if (this.#history.length > longestHistory) {
      const forgotten = this.#history.splice(0, longestHistory / 2);
      this.#compacted = forgotten.at(-1)?.revision ?? this.#compacted;
    }
    for (const listener of this.#listeners) listener(full);
  }
}

function keyOf(resource: Resource, namespace: string, name: string): string {
  return `${resource}/${namespace}/${name}`;
}
