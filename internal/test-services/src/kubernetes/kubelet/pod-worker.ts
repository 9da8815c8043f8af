import type { Timer } from "@mayfly/service";
import type { IContainer, IContainerState } from "kubernetes-models/v1";
import type { ClusterApi } from "../cluster-api.ts";
import type { Reachability } from "../controllers/reachability.ts";
import type { Pod } from "../store/api-object.ts";
import { apiNow } from "../store/api-time.ts";
import { Container } from "./container.ts";
import { type ContainerEnvironment, environmentOf } from "./container-environment.ts";
import { ContainerLog } from "./container-log.ts";
import { processesOf } from "./container-processes.ts";
import type { ImagePuller, PullProblem } from "./image-puller.ts";
import { type PodEnding, setPodStatus } from "./pod-status.ts";

/** What a worker needs of its kubelet. */
export interface PodWorkerOptions {
  readonly api: ClusterApi;
  readonly reachability: Reachability;
  readonly puller: ImagePuller;
  /** The working directory of all containers. */
  readonly cwd: string;
}

/** Even a pod that is deleted with no grace is asked to end before it is made to. */
const leastGraceMs = 1_000;

/**
 * Runs one pod: pulls its images, starts its containers, says how they are, and ends them when the pod is deleted.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
export class PodWorker {
  /** Resolves when none of its containers runs any more and this has been said. */
  readonly ended: Promise<void>;
  readonly #options: PodWorkerOptions;
  readonly #pod: Pod;
  readonly #states = new Map<string, IContainerState>();
  readonly #containers: Container[] = [];
  readonly #logs: ReadonlyMap<string, ContainerLog>;
  readonly #stopping = new AbortController();
  #ending: PodEnding | undefined;
  #graceMs = Number.POSITIVE_INFINITY;
  #deadline: Timer | undefined;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.#pod = pod;
    this.#options = options;
    const { clock } = options.api;
    this.#logs = new Map(pod.spec.containers.map(({ name }) => [name, new ContainerLog(() => clock.now())]));
    const { activeDeadlineSeconds } = pod.spec;
    if (activeDeadlineSeconds !== undefined)
      this.#deadline = clock.setTimer(activeDeadlineSeconds * 1_000, () => this.#exceed());
    this.ended = this.#run().finally(() => this.#deadline?.cancel());
  }

  /** The output of a container. */
  logOf(container: string): ContainerLog | undefined {
    return this.#logs.get(container);
  }

  /** The processes that run in its containers. */
  processes(): readonly number[] {
    return this.#pod.spec.containers.flatMap(({ name }) => processesOf(this.#idOf(name)));
  }

  /** Looks at the pod again after it has changed. */
  sync({ metadata }: Pod): void {
    if (metadata.deletionTimestamp === undefined) return;
    this.stop((metadata.deletionGracePeriodSeconds ?? 0) * 1_000);
  }

  /** Asks its containers to end, and makes them after the grace; a shorter one may follow. */
  stop(graceMs: number): void {
    const effectiveMs = Math.max(leastGraceMs, graceMs);
    if (effectiveMs >= this.#graceMs) return;
    this.#graceMs = effectiveMs;
    this.#stopping.abort();
    for (const container of this.#containers) container.stop(effectiveMs);
  }

  /** Ends it for want of resources of the node, at once. */
  evict(message: string): void {
    this.#ending = { reason: "Evicted", message };
    this.kill();
  }

  /** Makes all its containers end at once. */
  kill(): void {
    this.#stopping.abort();
    for (const container of this.#containers) container.kill();
  }

  /** Its containers need more memory than they may have. */
  runOutOfMemory(): void {
    for (const container of this.#containers) container.runOutOfMemory();
  }

  #exceed(): void {
    this.#ending = {
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    };
    this.stop((this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1_000);
  }

  async #run(): Promise<void> {
    const { containers } = this.#pod.spec;
    for (const { name } of containers) this.#states.set(name, { waiting: { reason: "ContainerCreating" } });
    await this.#report();
    const begun = await Promise.all(containers.map((container) => this.#runContainer(container)));
    for (const log of this.#logs.values()) log.close();
    await this.#report(begun.includes(false));
    await this.#options.reachability.up();
    const { namespace, name, uid } = this.#pod.metadata;
    const present = this.#options.api.store.get("pods", namespace, name);
    if (present?.metadata.uid === uid && present.metadata.deletionTimestamp !== undefined)
      this.#options.api.delete("pods", present, { gracePeriodSeconds: 0 });
  }

  /** Resolves once it has ended; with false when it has never begun. */
  async #runContainer(spec: IContainer): Promise<boolean> {
    const { name, image = "" } = spec;
    const { signal } = this.#stopping;
    const wait = (waiting: PullProblem): Promise<void> => this.#enter(name, { waiting });
    if (!(await this.#options.puller.pull(image, wait, signal))) return false;
    const environment = await this.#environment(spec);
    if (environment === undefined) return false;
    const startedAt = this.#now();
    const container = await this.#start(name, environment);
    if (container === undefined) return true;
    this.#containers.push(container);
    // What came while it started.
    if (signal.aborted && Number.isFinite(this.#graceMs)) container.stop(this.#graceMs);
    else if (signal.aborted) container.kill();
    await this.#enter(name, { running: { startedAt } });
    const exit = await container.exited;
    const terminated = { ...exit, startedAt, finishedAt: this.#now(), containerID: this.#idOf(name) };
    await this.#enter(name, { terminated });
    return true;
  }

  /** Undefined once it has been stopped, if something that the container refers to is missing. */
  async #environment(spec: IContainer): Promise<ContainerEnvironment | undefined> {
    try {
      return environmentOf(this.#pod, spec);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await this.#enter(spec.name, { waiting: { reason: "CreateContainerConfigError", message } });
      const { signal } = this.#stopping;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return undefined;
    }
  }

  /** Undefined when the command cannot be run, which is how the container has ended then. */
  async #start(name: string, environment: ContainerEnvironment): Promise<Container | undefined> {
    const log = this.#logs.get(name) ?? new ContainerLog(() => 0);
    const { clock } = this.#options.api;
    try {
      return await Container.start({ ...environment, id: this.#idOf(name), cwd: this.#options.cwd, log, clock });
    } catch (error) {
      const message = `failed to create containerd task: failed to create shim task: ${String(error)}`;
      const at = this.#now();
      const exit = { exitCode: 128, reason: "StartError", message };
      this.#states.set(name, { terminated: { ...exit, startedAt: at, finishedAt: at } });
      return undefined;
    }
  }

  async #enter(container: string, state: IContainerState): Promise<void> {
    this.#states.set(container, state);
    await this.#report();
  }

  /** Writes the status of the pod, once the API server can be reached. */
  async #report(isOver = false): Promise<void> {
    await this.#options.reachability.up();
    const observation = { states: this.#states, isOver, ending: this.#ending };
    this.#options.api.edit("pods", this.#pod.metadata, (draft) => setPodStatus(draft, observation, this.#now()));
  }

  #idOf(container: string): string {
    return `${this.#pod.metadata.uid}-${container}`;
  }

  #now(): string {
    return apiNow(this.#options.api.clock);
  }
}
