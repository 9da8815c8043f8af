import {
  type Checkable,
  type Health,
  type Owned,
  type Recoverable,
  type Result,
  type RunContext,
  Runtime,
  RuntimeError,
  runVariables,
  taskVariable,
} from "@mayfly/runtime";
import { type Clock, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import { apiMessage, statusOf } from "./api-error.ts";
import { ApiServer } from "./api-server.ts";
import { type ClusterAccess, loadAccess } from "./cluster-access.ts";
import { ClusterView } from "./cluster-view.ts";
import { JobApi } from "./job-api.ts";
import { type MarkedRun, marks, ownedBy } from "./job-labels.ts";
import { jobManifest } from "./job-manifest.ts";
import { jobObject } from "./job-object.ts";
import { JobStart } from "./job-start.ts";
import { JobStop } from "./job-stop.ts";
import type { KubernetesHandle } from "./kubernetes-handle.ts";
import { type KubernetesSpec, kubernetesSpecSchema, type KubernetesSpecInput } from "./kubernetes-spec.ts";
import { RunWatch } from "./run-watch.ts";
import { selectWork } from "./selected-work.ts";

/** What a {@link KubernetesRuntime} can be given besides what it may run. */
export interface KubernetesRuntimeOptions {
  /** @defaultValue the service account of the pod that this process runs in */
  readonly kubeConfig?: ClusterAccess | undefined;
  /** Where the Jobs are. @defaultValue the namespace of the kubeconfig's context, or of the service account */
  readonly namespace?: string | undefined;
  /** The scheduler's instance, for the label `mayfly.instance`. */
  readonly instance?: string | undefined;
  /** @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
  /** Hears of a cluster that is away and of Jobs that could not be removed. @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
  /** How long it may take until work begins: a node has room, its image is pulled. @defaultValue 120,000 ms */
  readonly startTimeoutMs?: number | undefined;
  /** How much of a pod's output becomes its run's log. @defaultValue 1 MiB */
  readonly maxLogBytes?: number | undefined;
  /**
   * How long the cluster keeps a Job that has ended and that nobody has destroyed; after that, its result is lost. Longer
   * than a lease, and than any outage that results should survive. @defaultValue 3,600,000 ms
   */
  readonly keptMs?: number | undefined;
  /** The grace of work that the cluster ends at its deadline. @defaultValue 10,000 ms */
  readonly deadlineGraceMs?: number | undefined;
  /**
   * How much longer than its grace a node may take to end a pod that was told to end; then the cluster forgets the pod, as
   * that of a node that is lost. @defaultValue 30,000 ms
   */
  readonly nodePatienceMs?: number | undefined;
}

/** How long the cluster may take to say that it is well, in milliseconds. */
const healthMs = 5_000;

/** How long a cluster that is away may hold up a removal, in milliseconds. */
const removeMs = 30_000;

/**
 * Runs each task as a Kubernetes Job with one pod, from the images and commands of a {@link KubernetesSpec}; a task chooses
 * among them with its attributes `image` and `command` and can change nothing else. The container gets the task as JSON in
 * the variable `MAYFLY_TASK`. Its exit code is the result: 0 is complete, anything else `failed`.
 *
 * Pods keep to the Pod Security Standard *restricted*, have no service account's token, a read-only file system but for
 * `/tmp`, and get exactly what they ask for.
 *
 * Work outlives the scheduler: a Job is kept until it is destroyed, or for {@link KubernetesRuntimeOptions.keptMs} after its
 * end, and any process that reaches the namespace can wait for it, stop it and remove it. The cluster itself ends it at the
 * task's timeout.
 *
 * ```ts
 * const runtime = await KubernetesRuntime.connect({
 *   images: { tools: { image: "registry:5000/tools:1.2", commands: { convert: ["convert", "--all"] } } },
 * });
 * ```
 */
export class KubernetesRuntime extends Runtime<KubernetesHandle> implements Recoverable<KubernetesHandle>, Checkable {
  readonly kind = "kubernetes";
  /** The namespace's uid. */
  readonly scope: string;
  readonly #spec: KubernetesSpec;
  readonly #api: JobApi;
  readonly #view: ClusterView;
  readonly #watches = new Map<string, RunWatch>();
  readonly #labelSelector: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #instance: string | undefined;
  readonly #startTimeoutMs: number;
  readonly #maxLogBytes: number;
  readonly #keptMs: number;
  readonly #deadlineGraceMs: number;
  readonly #nodePatienceMs: number;

  /**
   * Talks to no cluster yet; {@link KubernetesRuntime.connect} asks it for its scope.
   *
   * @param scope - names the namespace and its cluster, the same in every process that reaches it, and no other
   * @throws ZodError when the spec is not valid; RuntimeError when the kubeconfig is not
   */
  constructor(scope: string, spec: KubernetesSpecInput, options: KubernetesRuntimeOptions = {}) {
    super();
    this.scope = scope;
    this.#spec = kubernetesSpecSchema.parse(spec);
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#instance = options.instance;
    this.#startTimeoutMs = options.startTimeoutMs ?? 120_000;
    this.#maxLogBytes = options.maxLogBytes ?? 1_048_576;
    this.#keptMs = options.keptMs ?? 3_600_000;
    this.#deadlineGraceMs = options.deadlineGraceMs ?? 10_000;
    this.#nodePatienceMs = options.nodePatienceMs ?? 30_000;
    this.#labelSelector = `${marks.deployment}=${this.#spec.deployment},${marks.task}`;
    this.#api = openApi(options);
    this.#view = new ClusterView({
      api: this.#api,
      labelSelector: this.#labelSelector,
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  /**
   * A runtime for a namespace of the cluster at `options.kubeConfig`, with the namespace's uid as its scope.
   *
   * @throws RuntimeError `runtime` when the cluster cannot be reached; ZodError when the spec is not valid
   */
  static async connect(spec: KubernetesSpecInput, options: KubernetesRuntimeOptions = {}): Promise<KubernetesRuntime> {
    const valid = kubernetesSpecSchema.parse(spec);
    const api = openApi(options);
    try {
      return new KubernetesRuntime(await api.namespaceUid(), valid, options);
    } catch (error) {
      throw new RuntimeError("runtime", `Kubernetes cannot be reached: ${apiMessage(error)}`, { cause: error });
    } finally {
      api.server.close();
    }
  }

  /**
   * Resolves when the work has begun.
   *
   * @throws RuntimeError `rejected` when the task chooses what the spec does not have, is larger than 64 KiB, or the cluster
   * finds the Job invalid; `runtime` when the image cannot be pulled or a policy of the cluster denies the Job, and when the
   * time is over while no node takes the pod, a quota is used up, credentials or rights are missing, or the cluster is away;
   * also when the run's signal says that the task is over before the work has begun
   */
  override async start(task: Task, run: RunContext): Promise<KubernetesHandle> {
    const work = selectWork(this.#spec, task);
    const marked: MarkedRun = {
      task,
      run: run.number,
      deadline: run.deadline,
      deployment: this.#spec.deployment,
      instance: this.#instance,
    };
    const manifest = jobManifest(work, {
      run: marked,
      variables: { ...taskVariable(task), ...runVariables(task, run) },
      now: this.#clock.now(),
      keptMs: this.#keptMs,
      deadlineGraceMs: this.#deadlineGraceMs,
    });
    const start = new JobStart({
      api: this.#api,
      view: this.#view,
      image: work.image.image,
      manifest,
      run: marked,
      clock: this.#clock,
      logger: this.#logger,
      timeoutMs: this.#startTimeoutMs,
      owner: run.signal,
    });
    return start.execute();
  }

  /** Goes on asking while the cluster is away. Of a run that is adopted it tells what is not logged yet. */
  override async wait(handle: KubernetesHandle, run: RunContext): Promise<Result> {
    const known = this.#watches.get(handle.uid);
    if (known !== undefined) {
      known.follow(run);
      return known.result;
    }
    const parts = {
      api: this.#api,
      view: this.#view,
      handle,
      clock: this.#clock,
      logger: this.#logger,
      maxLogBytes: this.#maxLogBytes,
    };
    const watch = new RunWatch(parts, run);
    this.#watches.set(handle.uid, watch);
    try {
      return await watch.result;
    } finally {
      this.#watches.delete(handle.uid);
    }
  }

  /**
   * A pod that its node does not end in time is forgotten: nobody knows then whether its work runs on.
   *
   * @throws RuntimeError `runtime` when the cluster is away for 30 s longer than the grace
   */
  override async stop(handle: KubernetesHandle, { graceMs }: { readonly graceMs: number }): Promise<void> {
    const stop = new JobStop({
      api: this.#api,
      view: this.#view,
      clock: this.#clock,
      logger: this.#logger,
      patienceMs: this.#nodePatienceMs,
      handle,
      graceMs,
    });
    await stop.execute();
  }

  /** Removes the Job, and its pod soon after. @throws RuntimeError `runtime` when the cluster is away for longer than 30 s */
  override async destroy({ name, uid }: KubernetesHandle): Promise<void> {
    try {
      await this.#api.server.persist(removeMs, (signal) => this.#api.deleteJob(name, uid, signal));
    } catch (error) {
      // Gone, or another Job has the name now.
      if (statusOf(error) === 404 || statusOf(error) === 409) return;
      const message = `The Job ${name} could not be removed: ${apiMessage(error)}`;
      throw new RuntimeError("runtime", message, { cause: error });
    }
  }

  /** Rejects when the cluster cannot be reached. */
  async *list(): AsyncGenerator<Owned<KubernetesHandle>> {
    let token: string | undefined;
    do {
      const { items, metadata } = await this.#api.jobsPage(this.#labelSelector, token);
      for (const item of items) {
        const owned = ownedBy(jobObject(item));
        if (owned !== undefined) yield owned;
      }
      token = metadata.continue;
    } while (token !== undefined && token !== "");
  }

  async health(): Promise<Health> {
    const limit = new AbortController();
    const late = new Error(`There was no answer within ${healthMs} ms.`);
    const timer = this.#clock.setTimer(healthMs, () => limit.abort(late));
    try {
      await this.#api.probe(this.#labelSelector, limit.signal);
      return { status: "healthy" };
    } catch (error) {
      return { status: "unhealthy", message: `Kubernetes does not answer: ${apiMessage(error)}` };
    } finally {
      timer.cancel();
    }
  }

  /** Ends all connections to the cluster. Jobs run on, and waits that have no answer yet never get one. */
  close(): void {
    for (const watch of this.#watches.values()) watch.close();
    this.#api.server.close();
    this.#view.close();
  }
}

function openApi({ kubeConfig, namespace, clock = systemClock }: KubernetesRuntimeOptions): JobApi {
  try {
    const server = new ApiServer(() => loadAccess(kubeConfig), clock);
    return new JobApi(server, namespace ?? server.namespace);
  } catch (error) {
    throw new RuntimeError("runtime", `Kubernetes cannot be reached: ${apiMessage(error)}`, { cause: error });
  }
}
