import type { ClusterApi } from "../cluster-api.ts";
import { controllerOf } from "../controllers/job-pods.ts";
import { nodeName } from "../controllers/pod-scheduler.ts";
import type { Reachability } from "../controllers/reachability.ts";
import type { Pod } from "../store/api-object.ts";
import type { Change } from "../store/object-store.ts";
import type { ContainerLog } from "./container-log.ts";
import { ImagePuller } from "./image-puller.ts";
import { PodWorker } from "./pod-worker.ts";

/** Runs the pods that are bound to its node. */
export class Kubelet {
  readonly puller: ImagePuller;
  /** Whether it hears nothing of what becomes of its pods, as on a node that is lost. */
  isDeaf = false;
  readonly #api: ClusterApi;
  readonly #reachability: Reachability;
  readonly #cwd: string;
  readonly #unsubscribe: () => void;
  /** By the uid of the pod; also of pods that are gone while their containers run. */
  readonly #workers = new Map<string, { readonly pod: Pod; readonly worker: PodWorker }>();

  constructor(api: ClusterApi, reachability: Reachability, cwd: string) {
    this.#api = api;
    this.#reachability = reachability;
    this.#cwd = cwd;
    this.puller = new ImagePuller(api.clock);
    this.#unsubscribe = api.store.subscribe((change) => this.#notice(change));
  }

  /** The worker of a pod, if it has one. */
  workerOf({ metadata }: Pod): PodWorker | undefined {
    return this.#workers.get(metadata.uid)?.worker;
  }

  /** The output of a container of a pod; undefined before the pod has a node. */
  logOf(pod: Pod, container: string): ContainerLog | undefined {
    return this.workerOf(pod)?.logOf(container);
  }

  /** The processes that run for a Job, also when the Job or its pod is gone. */
  processesOf(jobName: string): readonly number[] {
    const all = [...this.#workers.values()].filter(({ pod }) => controllerOf(pod)?.name === jobName);
    return all.flatMap(({ worker }) => worker.processes());
  }

  /** Ends all containers. */
  async close(): Promise<void> {
    this.#unsubscribe();
    const workers = [...this.#workers.values()];
    for (const { worker } of workers) worker.kill();
    await Promise.all(workers.map(({ worker }) => worker.ended));
  }

  #notice({ resource, type, object }: Change): void {
    if (resource !== "pods") return;
    const pod = object as Pod;
    const present = this.#workers.get(pod.metadata.uid);
    if (type === "DELETED") {
      if (present === undefined) return;
      present.worker.stop(0);
      void present.worker.ended.then(() => this.#workers.delete(pod.metadata.uid));
    } else if (present !== undefined) {
      if (!this.isDeaf) present.worker.sync(pod);
    } else if (pod.spec.nodeName === nodeName) {
      const options = { api: this.#api, reachability: this.#reachability, puller: this.puller, cwd: this.#cwd };
      this.#workers.set(pod.metadata.uid, { pod, worker: new PodWorker(pod, options) });
    }
  }
}
