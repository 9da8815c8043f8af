import type { Result, RunContext } from "@mayfly/runtime";
import type { Clock, Logger } from "@mayfly/service";
import { apiMessage } from "./api-error.ts";
import type { ClusterView, Look, RunView } from "./cluster-view.ts";
import type { JobApi } from "./job-api.ts";
import { goneResult, resultOf } from "./job-result.ts";
import type { KubernetesHandle } from "./kubernetes-handle.ts";
import { LogFollower } from "./log-follower.ts";
import { hasBegun } from "./start-problem.ts";
import { WorkEnd } from "./work-end.ts";

/** What a {@link RunWatch} works with. */
export interface RunWatchParts {
  readonly api: JobApi;
  readonly view: ClusterView;
  readonly handle: KubernetesHandle;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxLogBytes: number;
}

/** How long a result waits for the last lines of the log, in milliseconds. */
const logDrainMs = 1_000;

/** Waits for the end of one Job, for all who ask, and tells its log meanwhile. */
export class RunWatch {
  /** How the work ended. Stays pending when the runtime is closed: that says nothing about the work. */
  readonly result: Promise<Result>;
  readonly #parts: RunWatchParts;
  readonly #ended = new AbortController();
  readonly #closed = new AbortController();
  readonly #workEnd: WorkEnd;
  #podName: string | undefined;
  #logs: LogFollower | undefined;
  #run: RunContext;

  constructor(parts: RunWatchParts, run: RunContext) {
    this.#parts = parts;
    this.#workEnd = new WorkEnd(parts.clock);
    this.#run = run;
    this.result = this.#watch();
  }

  /** From now on the run is `run`'s: an owner that was lost may have come back. It hears what is not logged yet. */
  follow(run: RunContext): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#logs?.close();
    if (this.#podName !== undefined) this.#logs = this.#followLogs(this.#podName);
  }

  /** Waits no more. */
  close(): void {
    this.#closed.abort();
    this.#logs?.close();
  }

  async #watch(): Promise<Result> {
    const result = await this.#end();
    this.#ended.abort();
    const drained = new AbortController();
    void this.#logs?.done.then(() => drained.abort());
    if (this.#logs !== undefined) await this.#parts.clock.sleep(logDrainMs, { signal: drained.signal });
    this.#logs?.close();
    return result;
  }

  async #end(): Promise<Result> {
    const { api, view, handle, logger } = this.#parts;
    const { signal } = this.#closed;
    for (let attempt = 0; ; attempt++) {
      try {
        return await view.until(handle, (seen) => this.#look(seen), signal);
      } catch (error) {
        if (signal.aborted || api.server.isClosed) return new Promise(() => undefined);
        // A right that is taken away says nothing about the work, and may be given again.
        logger.warn({ job: handle.name, error: apiMessage(error) }, "cluster does not tell how a job fares");
        await api.server.pause(attempt, signal);
      }
    }
  }

  async #look({ job, pods }: RunView): Promise<Look<Result>> {
    const { api, handle } = this.#parts;
    if (job === undefined) return goneResult(handle.name);
    const pod = pods.find(hasBegun);
    if (pod !== undefined) this.#logs ??= this.#followLogs(pod.name);
    if (job.end?.type === "Complete") {
      // So short that its pod was never seen running: its log is read all the same.
      const unseen = this.#logs === undefined ? (await api.podsOf(handle.uid)).find(hasBegun) : undefined;
      if (unseen !== undefined) this.#logs = this.#followLogs(unseen.name);
      return resultOf(job, job.end, pods);
    }
    if (job.end === undefined) return this.#workEnd.of(pods);
    if (pods.some(({ hasEnded }) => !hasEnded)) return undefined;
    // The watch of pods may be behind that of Jobs.
    const known = await api.podsOf(handle.uid);
    return known.some(({ hasEnded }) => !hasEnded) ? undefined : resultOf(job, job.end, known);
  }

  #followLogs(podName: string): LogFollower {
    const { api, maxLogBytes, clock } = this.#parts;
    this.#podName = podName;
    const run = this.#run;
    return new LogFollower({
      open: (range, signal) => api.logs(podName, range, signal),
      log: (line, saidAt) => run.log(line, { saidAt }),
      sinceMs: run.loggedAt,
      maxBytes: maxLogBytes,
      clock,
      ended: this.#ended.signal,
    });
  }
}
