import type { JsonObject, Task } from "@mayfly/task";
import type { Result } from "../src/index.ts";

/** A piece of work in a {@link RemoteEnvironment}. */
export interface Job {
  readonly task: Task;
  readonly run: number;
  readonly createdAt: number;
  readonly ended: Promise<Result>;
  isRunning: boolean;
  /** Asks it to end, as SIGTERM does. */
  readonly ask: () => void;
  /** Ends it, as SIGKILL does. */
  readonly kill: () => void;
}

const killed: Result = { status: "failed", reason: "failed", exitCode: 137, signal: "SIGKILL" };

/** An environment that outlives those who use it, such as a cluster: keeps jobs by name until they are removed. */
export class RemoteEnvironment {
  readonly jobs = new Map<string, Job>();
  readonly timesBegun = new Map<string, number>();
  #onBreak: (() => void)[] = [];

  /** Calls `callback` when the streams of output break. */
  follow(callback: () => void): void {
    this.#onBreak.push(callback);
  }

  breakStreams(): void {
    for (const callback of this.#onBreak.splice(0)) callback();
  }

  create(name: string, task: Task, run: number): Job {
    const does: JsonObject = task.attributes;
    let end: (result: Result) => void = () => undefined;
    const ended = new Promise<Result>((resolve) => {
      end = resolve;
    });
    const job: Job = {
      task,
      run,
      createdAt: Date.now(),
      ended: ended.finally(() => (job.isRunning = false)),
      isRunning: false,
      ask: () => {
        if (does["does"] === "slow") setImmediate(() => end({ status: "failed", reason: "failed", exitCode: 143 }));
      },
      kill: () => end(killed),
    };
    this.jobs.set(name, job);
    setImmediate(() => {
      job.isRunning = true;
      this.timesBegun.set(task.id, (this.timesBegun.get(task.id) ?? 0) + 1);
      if (does["does"] === "complete") end({ status: "complete" });
      if (does["does"] === "fail") end({ status: "failed", reason: "failed", exitCode: 1 });
    });
    return job;
  }
}
