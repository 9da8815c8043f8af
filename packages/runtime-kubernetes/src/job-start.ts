import { RuntimeError, StopReason } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import { type ApiError, apiMessage, isPassing, isRefusal, statusOf } from "./api-error.ts";
import type { ClusterView, RunView } from "./cluster-view.ts";
import type { JobApi } from "./job-api.ts";
import { isOfRun, type MarkedRun } from "./job-labels.ts";
import type { JobManifest } from "./job-manifest.ts";
import type { JobObject } from "./job-object.ts";
import type { KubernetesHandle } from "./kubernetes-handle.ts";
import { delayOf, hasBegun, startProblemOf } from "./start-problem.ts";

/** What a {@link JobStart} works with. */
export interface JobStartParts {
  readonly api: JobApi;
  readonly view: ClusterView;
  /** As the spec names it. */
  readonly image: string;
  readonly manifest: JobManifest;
  readonly run: MarkedRun;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The owner's: no Job is created once it has fired. */
  readonly owner: AbortSignal;
}

/** How long a server that is away may hold up removing what a failed start has left; after that it stays. */
const cleanUpMs = 2_000;

/**
 * One start of a Job: creates it or adopts the one that has its name, and waits until its work has begun.
 *
 * Every request may fail after it has taken effect. So a request is only repeated because names are unique: what the first
 * has made, the second finds.
 *
 * It ends when its owner is told that the task is over: no work begins then. An owner that shuts down or is lost leaves the
 * Job to the next one, and creates none.
 *
 * A server that refuses the credentials, or the right, is asked again until the time is over: a role that is not there yet,
 * or a token that is being changed, must not make every task fail at once.
 */
export class JobStart {
  readonly #parts: JobStartParts;
  readonly #limit = new AbortController();
  /** Whether this start has made the Job, as far as it can know, or has seen that its work had not begun. */
  #isToRemove = false;
  /** What was wrong last. */
  #problem = "The cluster has not answered.";

  constructor(parts: JobStartParts) {
    this.#parts = parts;
  }

  /** Resolves when the work has begun. @throws RuntimeError; then nothing that it has made is left. */
  async execute(): Promise<KubernetesHandle> {
    const { clock, timeoutMs, manifest, owner } = this.#parts;
    const { name } = manifest.metadata;
    const late = new RuntimeError("runtime", `The work of the Job ${name} did not begin within ${timeoutMs} ms.`);
    const timer = clock.setTimer(timeoutMs, () => this.#limit.abort(late));
    const tell = (): void => {
      if (!this.#isOfAnother) this.#limit.abort(this.#told());
    };
    owner.addEventListener("abort", tell);
    if (owner.aborted) tell();
    try {
      const { uid } = await this.#create();
      const handle: KubernetesHandle = { version: 1, name, uid };
      await this.#begun(handle);
      return handle;
    } catch (error) {
      const begun = await this.#cleanUp();
      if (begun !== undefined) return begun;
      throw this.#runtimeError(this.#limit.signal.aborted ? this.#limit.signal.reason : error);
    } finally {
      timer.cancel();
      owner.removeEventListener("abort", tell);
    }
  }

  async #create(): Promise<JobObject> {
    const { api, manifest, owner } = this.#parts;
    const { signal } = this.#limit;
    for (let attempt = 0; ; attempt++) {
      if (owner.aborted) throw this.#told();
      try {
        const job = await api.createJob(manifest, signal);
        this.#isToRemove = true;
        return job;
      } catch (error) {
        if (statusOf(error) === 409) {
          const found = await this.#adopt();
          if (found !== undefined) return found;
        } else {
          // Without an answer it may have been created all the same; then the next attempt finds it.
          if (statusOf(error) === undefined || isPassing(error)) this.#isToRemove = true;
          if (!(isPassing(error) || isRefusal(error)) || signal.aborted) throw error;
          this.#problem = isRefusal(error) ? refused("create", error) : apiMessage(error);
        }
      }
      await api.server.pause(attempt, signal);
      if (signal.aborted) throw signal.reason;
    }
  }

  /** The Job that has the name; undefined when it has just been removed. */
  async #adopt(): Promise<JobObject | undefined> {
    const { api, manifest, run } = this.#parts;
    const { signal } = this.#limit;
    try {
      const found = await api.readJob(manifest.metadata.name, signal);
      if (found.isLeaving) return undefined;
      if (isOfRun(found, run)) return found;
    } catch (error) {
      if (isRefusal(error)) this.#problem = refused("read", error);
      if (statusOf(error) === 404 || ((isPassing(error) || isRefusal(error)) && !signal.aborted)) return undefined;
      throw error;
    }
    this.#isToRemove = false;
    throw new RuntimeError("runtime", `There is a Job ${manifest.metadata.name} that is not of this run.`);
  }

  async #begun(handle: KubernetesHandle): Promise<void> {
    const { api, view } = this.#parts;
    const { signal } = this.#limit;
    for (let attempt = 0; ; attempt++) {
      try {
        await view.until(handle, (seen) => this.#look(seen), signal);
        return;
      } catch (error) {
        if (!isRefusal(error) || signal.aborted) throw error;
        this.#problem = refused("read", error);
      }
      await api.server.pause(attempt, signal);
    }
  }

  /** Something when the work has begun. */
  #look({ job, pods }: RunView): object | undefined {
    const { image, manifest } = this.#parts;
    if (job === undefined)
      throw new RuntimeError("runtime", `The Job ${manifest.metadata.name} was removed before its work began.`);
    if (job.end !== undefined || pods.some(hasBegun)) return job;
    this.#isToRemove = true;
    const [pod] = pods;
    this.#problem = pod === undefined ? "The cluster has made no pod for it." : delayOf(pod);
    const problem = pod && startProblemOf(pod, image);
    if (problem !== undefined) throw problem;
    return undefined;
  }

  /** Removes the Job. Resolves with its handle instead when its work has begun, which this process may not have seen yet. */
  async #cleanUp(): Promise<KubernetesHandle | undefined> {
    // What is told to end here and has this name is this run, whoever has made it.
    if (this.#isOfAnother || !(this.#isToRemove || this.#parts.owner.aborted)) return undefined;
    const { api, manifest, logger, run } = this.#parts;
    const { name } = manifest.metadata;
    try {
      return await api.server.persist(cleanUpMs, async (signal) => {
        const job = await api.readJob(name, signal);
        if (!isOfRun(job, run) || job.isLeaving) return undefined;
        if (await this.#hasBegun(job, signal)) return { version: 1, name, uid: job.uid };
        if (!this.#isOfAnother) await api.deleteJob(name, job.uid, signal);
        return undefined;
      });
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 409) return undefined;
      const fields = { task: run.task.id, job: name, error: errorMessage(error) };
      logger.warn(fields, "job of a failed start not removed");
      return undefined;
    }
  }

  /** Whether the work has begun, seen anew. Whoever cannot see how Jobs fare could not wait for it either. */
  async #hasBegun(job: JobObject, signal: AbortSignal): Promise<boolean> {
    const { api, view } = this.#parts;
    if (view.blindness !== undefined) return false;
    return job.end !== undefined || (await api.podsOf(job.uid, signal)).some(hasBegun);
  }

  /** The next owner adopts the Job by its name, and may wait for it already. */
  get #isOfAnother(): boolean {
    const reason: unknown = this.#parts.owner.reason;
    return StopReason.is(reason) && (reason.code === "lost" || reason.code === "shutdown");
  }

  #told(): RuntimeError {
    const { manifest, owner } = this.#parts;
    const message = `The Job ${manifest.metadata.name} was told to end before its work had begun: ${errorMessage(owner.reason)}`;
    return new RuntimeError("runtime", message, { cause: owner.reason });
  }

  #runtimeError(error: unknown): RuntimeError {
    if (RuntimeError.is(error)) {
      const problem = this.#parts.view.blindness ?? this.#problem;
      if (error !== this.#limit.signal.reason || this.#parts.owner.aborted) return error;
      return new RuntimeError("runtime", `${error.message} ${problem}`, { cause: error });
    }
    const { name } = this.#parts.manifest.metadata;
    const status = statusOf(error);
    return new RuntimeError(
      status === 400 || status === 422 ? "rejected" : "runtime",
      `The Job ${name} could not be started: ${apiMessage(error)}`,
      { cause: error },
    );
  }
}

function refused(verb: "create" | "read", error: ApiError): string {
  const remedy = error.status === 401 ? ". The credentials must be renewed." : "";
  return `The cluster refuses to ${verb} its Job: ${error.message}${remedy}`;
}
