import type { ClusterApi } from "../cluster-api.ts";
import type { ApiObject } from "../store/api-object.ts";
import { apiNow } from "../store/api-time.ts";

/** Writes events about objects. */
export class EventRecorder {
  readonly #api: ClusterApi;
  readonly #component: string;
  #count = 0;

  constructor(api: ClusterApi, component: string) {
    this.#api = api;
    this.#component = component;
  }

  record({ apiVersion, kind, metadata }: ApiObject, type: "Normal" | "Warning", reason: string, message: string): void {
    const { namespace, name, uid } = metadata;
    const now = apiNow(this.#api.clock);
    this.#count += 1;
    this.#api.create("events", namespace, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${this.#component}.${this.#count}`, namespace },
      involvedObject: { apiVersion, kind, namespace, name, uid },
      type,
      reason,
      message,
      source: { component: this.#component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  }
}
