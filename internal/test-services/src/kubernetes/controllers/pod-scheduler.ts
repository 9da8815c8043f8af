import type { ClusterApi } from "../cluster-api.ts";
import { setPodCondition } from "../kubelet/pod-condition.ts";
import { amountOf, isTerminal } from "../resource-quota.ts";
import type { Pod } from "../store/api-object.ts";
import { apiNow } from "../store/api-time.ts";
import { parseQuantity } from "../validation/quantity.ts";
import { EventRecorder } from "./event-recorder.ts";
import type { Reachability } from "./reachability.ts";
import { WorkQueue } from "./work-queue.ts";

/** The one node of the cluster. */
export const nodeName = "node-1";

/** What pods can ask of the node, by the names of resources. */
export type Capacity = Readonly<Record<string, string | number>>;

const everything = "*";

/**
 * Gives pods to the node while it has room for what they request. A pod that does not fit stays `Pending` and
 * `Unschedulable`, and is looked at again when something changes.
 */
export class PodScheduler {
  readonly #api: ClusterApi;
  readonly #capacity: Capacity;
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder;
  readonly #unsubscribe: () => void;
  #isCordoned = false;

  constructor(api: ClusterApi, reachability: Reachability, capacity: Capacity) {
    this.#api = api;
    this.#capacity = capacity;
    this.#events = new EventRecorder(api, "default-scheduler");
    this.#queue = new WorkQueue(api.clock, reachability, () => this.#schedule());
    this.#unsubscribe = api.store.subscribe(({ resource }) => {
      if (resource === "pods") this.#queue.add(everything);
    });
  }

  /** Whether the node takes no more pods. */
  set isCordoned(value: boolean) {
    this.#isCordoned = value;
    this.#queue.add(everything);
  }

  close(): void {
    this.#unsubscribe();
    this.#queue.close();
  }

  #schedule(): void {
    for (const pod of this.#api.store.list("pods")) {
      if (pod.spec.nodeName !== undefined || pod.metadata.deletionTimestamp !== undefined) continue;
      const obstacle = this.#obstacle(pod);
      if (obstacle === undefined) this.#bind(pod);
      else this.#refuse(pod, `0/1 nodes are available: ${obstacle}. preemption: 0/1 nodes are available.`);
    }
  }

  #obstacle({ spec }: Pod): string | undefined {
    if (this.#isCordoned) return "1 node(s) were unschedulable";
    if (Object.keys(spec.nodeSelector ?? {}).length > 0) return "1 node(s) didn't match Pod's node affinity/selector";
    const placed = this.#api.store.list("pods").filter((pod) => pod.spec.nodeName !== undefined && !isTerminal(pod));
    const scarce = Object.entries(this.#capacity).filter(([name, capacity]) => {
      const used = placed.reduce((sum, pod) => sum + amountOf(pod.spec, "requests", name), 0);
      return used + amountOf(spec, "requests", name) > (parseQuantity(capacity) ?? 0);
    });
    return scarce.length === 0 ? undefined : scarce.map(([name]) => `1 Insufficient ${name}`).join(", ");
  }

  #bind(pod: Pod): void {
    this.#api.edit("pods", pod.metadata, (draft) => {
      draft.spec.nodeName = nodeName;
      setPodCondition(draft, { type: "PodScheduled", status: "True" }, apiNow(this.#api.clock));
    });
    const { namespace, name } = pod.metadata;
    this.#events.record(pod, "Normal", "Scheduled", `Successfully assigned ${namespace}/${name} to ${nodeName}`);
  }

  #refuse(pod: Pod, message: string): void {
    const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
    const { resourceVersion } = pod.metadata;
    const after = this.#api.edit("pods", pod.metadata, (draft) => {
      setPodCondition(draft, condition, apiNow(this.#api.clock));
    });
    if (after?.metadata.resourceVersion !== resourceVersion)
      this.#events.record(pod, "Warning", "FailedScheduling", message);
  }
}
