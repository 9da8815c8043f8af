import type { Clock, Logger, Timer } from "@mayfly/service";
import { apiMessage, isPassing, statusOf } from "./api-error.ts";
import type { JobApi } from "./job-api.ts";
import { type JobObject, jobObject, type RawJob } from "./job-object.ts";
import type { KubernetesHandle } from "./kubernetes-handle.ts";
import { ObjectWatch } from "./object-watch.ts";
import { type PodObject, podObject, type RawPod } from "./pod-object.ts";
import { Wake } from "./wake.ts";

/** A run as the cluster shows it. */
export interface RunView {
  /** undefined: there is none (any more). */
  readonly job: JobObject | undefined;
  readonly pods: readonly PodObject[];
}

/** What a look at a run gives: an answer, nothing until something changes, or nothing yet. */
export type Look<Answer extends object> = Answer | undefined | "again";

/** What a {@link ClusterView} works with. */
export interface ClusterViewParts {
  readonly api: JobApi;
  readonly labelSelector: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What the cluster shows of all runs of a deployment: one watch of Jobs and one of pods for everyone who waits, and none
 * when nobody does.
 */
export class ClusterView {
  readonly #parts: ClusterViewParts;
  readonly #jobs = new Map<string, JobObject>();
  /** By the uid of their Job, then by their own. */
  readonly #pods = new Map<string, Map<string, PodObject>>();
  /** By the uid of the Job that they look at. */
  readonly #waiting = new Map<string, Set<Wake>>();
  #watching: AbortController | undefined;
  readonly #isListed = { jobs: false, pods: false };
  #trouble: string | undefined;

  constructor(parts: ClusterViewParts) {
    this.#parts = parts;
  }

  /**
   * Looks at a run, and again after each of its changes, until there is an answer. `again` has it looked at soon without a
   * change. While the server is away, or `look` meets that it is, it goes on trying.
   *
   * @throws the reason of `signal` when it fires, and what `look` throws that does not pass
   */
  async until<Answer extends object>(
    handle: KubernetesHandle,
    look: (view: RunView) => Look<Answer> | Promise<Look<Answer>>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { api, clock } = this.#parts;
    const { server } = api;
    const wake = this.#enter(handle.uid);
    let next: Timer | undefined;
    try {
      let attempt = 0;
      for (;;) {
        await wake.next(signal);
        next?.cancel();
        if (signal.aborted) throw signal.reason;
        server.requireOpen();
        const answer = await this.#tryTo(look, handle, signal);
        if (typeof answer === "object") return answer;
        if (answer === undefined) attempt = 0;
        else next = clock.setTimer(server.pauseMs(attempt++), () => wake.wake());
      }
    } finally {
      next?.cancel();
      this.#leave(handle.uid, wake);
    }
  }

  async #tryTo<Answer extends object>(
    look: (view: RunView) => Look<Answer> | Promise<Look<Answer>>,
    handle: KubernetesHandle,
    signal: AbortSignal,
  ): Promise<Look<Answer>> {
    try {
      const answer = await look(await this.#viewOf(handle, signal));
      // What the watch does not show, such as a Job of another deployment, wakes nobody.
      return answer ?? (this.#jobs.has(handle.uid) ? undefined : "again");
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isPassing(error)) throw error;
      this.#parts.logger.warn({ job: handle.name, error: apiMessage(error) }, "cluster does not say how a job fares");
      return "again";
    }
  }

  /** Ends everybody's looking: the server is not asked any more. */
  close(): void {
    for (const wakes of this.#waiting.values()) for (const wake of wakes) wake.wake();
  }

  async #viewOf({ name, uid }: KubernetesHandle, signal: AbortSignal): Promise<RunView> {
    const job = this.#jobs.get(uid);
    if (job !== undefined) return { job, pods: [...(this.#pods.get(uid)?.values() ?? [])] };
    // It may be too new for the watch: only the server itself can say that there is none.
    const { api } = this.#parts;
    const found = await api.readJob(name, signal).catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
    return { job: found?.uid === uid ? found : undefined, pods: await api.podsOf(uid, signal) };
  }

  #enter(uid: string): Wake {
    const wake = new Wake();
    const others = this.#waiting.get(uid);
    if (others === undefined) this.#waiting.set(uid, new Set([wake]));
    else others.add(wake);
    this.#watching ??= this.#watch();
    if (this.#isWhole) wake.wake();
    return wake;
  }

  #leave(uid: string, wake: Wake): void {
    const others = this.#waiting.get(uid);
    others?.delete(wake);
    if (others?.size === 0) this.#waiting.delete(uid);
    if (this.#waiting.size > 0) return;
    this.#watching?.abort();
    this.#watching = undefined;
    this.#jobs.clear();
    this.#pods.clear();
    Object.assign(this.#isListed, { jobs: false, pods: false });
  }

  /** What keeps it from seeing anything, or has kept it when it looked last; undefined when nothing does. */
  get blindness(): string | undefined {
    return this.#trouble;
  }

  get #isWhole(): boolean {
    return this.#isListed.jobs && this.#isListed.pods;
  }

  #watch(): AbortController {
    const { api, labelSelector, clock, logger } = this.#parts;
    const watching = new AbortController();
    const { signal } = watching;
    this.#trouble = undefined;
    const onTrouble = (message: string): void => void (this.#trouble = this.#isWhole ? undefined : message);
    const shared = { api, labelSelector, clock, logger, onTrouble };
    const jobs = new ObjectWatch({
      ...shared,
      path: api.jobsPath,
      read: (object) => jobObject(object as RawJob),
      onList: (all) => {
        this.#jobs.clear();
        for (const job of all) this.#putJob(job);
        this.#listed("jobs");
      },
      onChange: (job) => this.#wake(this.#putJob(job)),
      onGone: ({ uid }) => {
        this.#jobs.delete(uid);
        this.#wake(uid);
      },
    });
    const pods = new ObjectWatch({
      ...shared,
      path: api.podsPath,
      read: (object) => podObject(object as RawPod),
      onList: (all) => {
        this.#pods.clear();
        for (const pod of all) this.#putPod(pod);
        this.#listed("pods");
      },
      onChange: (pod) => this.#wake(this.#putPod(pod)),
      onGone: (pod) => this.#wake(this.#dropPod(pod)),
    });
    void jobs.run(signal);
    void pods.run(signal);
    return watching;
  }

  #listed(kind: "jobs" | "pods"): void {
    this.#isListed[kind] = true;
    if (!this.#isWhole) return;
    this.#trouble = undefined;
    for (const uid of this.#waiting.keys()) this.#wake(uid);
  }

  #wake(jobUid: string): void {
    if (this.#isWhole) for (const wake of this.#waiting.get(jobUid) ?? []) wake.wake();
  }

  #putJob(job: JobObject): string {
    this.#jobs.set(job.uid, job);
    return job.uid;
  }

  #putPod(pod: PodObject): string {
    const others = this.#pods.get(pod.jobUid);
    if (others === undefined) this.#pods.set(pod.jobUid, new Map([[pod.uid, pod]]));
    else others.set(pod.uid, pod);
    return pod.jobUid;
  }

  #dropPod({ jobUid, uid }: PodObject): string {
    const others = this.#pods.get(jobUid);
    others?.delete(uid);
    if (others?.size === 0) this.#pods.delete(jobUid);
    return jobUid;
  }
}
