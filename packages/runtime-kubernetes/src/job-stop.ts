import { RuntimeError } from "@mayfly/runtime";
import type { Clock, Logger } from "@mayfly/service";
import { apiMessage, statusOf } from "./api-error.ts";
import type { ClusterView, Look, RunView } from "./cluster-view.ts";
import type { JobApi } from "./job-api.ts";
import { atLeastASecond } from "./job-manifest.ts";
import type { KubernetesHandle } from "./kubernetes-handle.ts";
import type { PodObject } from "./pod-object.ts";
import { WorkEnd } from "./work-end.ts";

/** How long a server that is away may hold up forgetting a pod, in milliseconds. */
const forgetMs = 5_000;

/** What a {@link JobStop} works with. */
export interface JobStopParts {
  readonly api: JobApi;
  readonly view: ClusterView;
  readonly clock: Clock;
  readonly handle: KubernetesHandle;
  readonly graceMs: number;
  readonly logger: Logger;
  /** How long a server that is away may hold up a stop, and how long a node may take beyond the grace, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * One stop of a Job: has its pod deleted, which the node answers with SIGTERM, and with SIGKILL when the grace is over.
 * The Job stays, and the cluster notes down in it that it has failed: whoever waits for it now, later, or in another
 * process gets that answer. Work that has ended is left as it is.
 *
 * A node that is lost answers nothing. Its pod is then removed from the cluster all the same, or nobody would ever hear of
 * an end.
 */
export class JobStop {
  readonly #parts: JobStopParts;
  /** The uids of the pods that have been told. */
  readonly #told = new Set<string>();
  readonly #workEnd: WorkEnd;

  constructor(parts: JobStopParts) {
    this.#parts = parts;
    this.#workEnd = new WorkEnd(parts.clock);
  }

  /** Resolves when the work has ended, or its node is given up. @throws RuntimeError `runtime` when the cluster is away. */
  async execute(): Promise<void> {
    const { view, handle, clock, graceMs, patienceMs } = this.#parts;
    const limit = new AbortController();
    const late = new RuntimeError("runtime", `The work of the Job ${handle.name} runs on although it was told to end.`);
    const timer = clock.setTimer(atLeastASecond(graceMs) * 1_000 + patienceMs, () => limit.abort(late));
    try {
      await view.until(handle, (seen) => this.#look(seen), limit.signal);
    } catch (error) {
      if (error === late && (await this.#forget())) return;
      if (RuntimeError.is(error)) throw error;
      throw new RuntimeError("runtime", `The Job ${handle.name} could not be stopped: ${apiMessage(error)}`, {
        cause: error,
      });
    } finally {
      timer.cancel();
    }
  }

  /** Something when the work has ended. */
  async #look(seen: RunView): Promise<Look<object>> {
    const { job, pods } = seen;
    const running = pods.filter(({ hasEnded }) => !hasEnded);
    if (running.length > 0) {
      const told = await Promise.all(running.map((pod) => this.#tell(pod)));
      return told.includes(false) ? "again" : this.#workEnd.of(running);
    }
    if (job === undefined || job.end !== undefined) return seen;
    // It has no pod yet, and would get one: nothing of it has begun, so that nothing is lost with it.
    if (pods.length === 0 && this.#told.size === 0 && !job.hasHadPods) await this.#remove();
    return undefined;
  }

  /** Resolves with false when the pod has changed since it was seen, or is gone. */
  async #tell(pod: PodObject): Promise<boolean> {
    // What has ended by itself, and is not yet written down, must not become a stop.
    if (this.#told.has(pod.uid) || pod.container.status === "ended") return true;
    try {
      await this.#parts.api.deletePod(pod, atLeastASecond(this.#parts.graceMs));
      this.#told.add(pod.uid);
      return true;
    } catch (error) {
      if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
      return false;
    }
  }

  /** Has the cluster forget pods whose node has not ended them; resolves with whether there was one. */
  async #forget(): Promise<boolean> {
    const { api, handle, logger } = this.#parts;
    try {
      return await api.server.persist(forgetMs, async (signal) => {
        const running = (await api.podsOf(handle.uid, signal)).filter(({ hasEnded }) => !hasEnded);
        for (const pod of running) {
          await api.deletePod(pod, 0, signal);
          logger.warn({ job: handle.name, pod: pod.name }, "pod forgotten that its node has not ended");
        }
        return running.length > 0;
      });
    } catch (error) {
      logger.warn({ job: handle.name, error: apiMessage(error) }, "pod not removed that its node has not ended");
      return false;
    }
  }

  async #remove(): Promise<void> {
    const { api, handle } = this.#parts;
    try {
      await api.deleteJob(handle.name, handle.uid);
    } catch (error) {
      if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
    }
  }
}
