import { type Result, type RunContext, RuntimeError } from "@mayfly/runtime";
import type { Clock, Timer } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import { planOf } from "./behaviour.ts";
import type { Kernel } from "./kernel.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** Work that goes on in an environment. */
export interface EnvironmentRun {
  readonly name: string;
  readonly number: number;
  readonly task: Task;
  readonly startedMs: number;
  /** Resolves with how it ended. */
  readonly ended: Promise<Result>;
  /** Asks it to end; `isForced`: it does. */
  stop(isForced: boolean): void;
}

/** The name of a run: the same for every owner of it. */
export function runName(id: string, run: number): string {
  return `${id}/${run}`;
}

/** Where work goes on: one process, whose end is its end too, or a host that outlives all processes. */
export class Environment {
  readonly #kernel: Kernel;
  /** The process that it lives and dies with. */
  readonly #process: SimulatedProcess | undefined;
  readonly #runs = new Map<string, EnvironmentRun>();

  constructor(options: { readonly kernel: Kernel; readonly process?: SimulatedProcess }) {
    this.#kernel = options.kernel;
    this.#process = options.process;
  }

  /** Starts a run, unless one of this name is there. */
  async start(name: string, task: Task, context: RunContext, starter: SimulatedProcess): Promise<void> {
    if (this.#runs.has(name)) return;
    const { behaviour, ms } = planOf(task);
    if (behaviour === "reject") throw new RuntimeError("rejected", "This task cannot run here.");
    let resolve: (result: Result) => void = () => undefined;
    const ended = new Promise<Result>((settle) => {
      resolve = settle;
    });
    const timers: Timer[] = [];
    const end = (result: Result): void => {
      for (const timer of timers) timer.cancel();
      resolve(result);
    };
    const after = (delayMs: number, action: () => void): void => {
      timers.push(this.#kernel.after(delayMs, action, this.#process));
    };
    if (behaviour === "fail") after(ms, () => end({ status: "failed", reason: "failed", message: "As planned." }));
    else if (behaviour !== "hang") after(ms, () => end({ status: "complete", value: { run: context.number } }));
    if (behaviour === "report") {
      for (let share = 1; share < 4; share++) {
        timers.push(this.#kernel.after(Math.floor((ms * share) / 4), () => context.progress({ share }), starter));
      }
    }
    timers.push(this.#kernel.after(0, () => context.log("It has begun."), starter));
    const stop = (isForced: boolean): void => {
      if (behaviour === "stubborn" && !isForced) return;
      after(1, () => end({ status: "failed", reason: "failed", message: "It was told to stop." }));
    };
    const number = context.number;
    this.#runs.set(name, { name, number, task, startedMs: this.#kernel.nowMs, ended, stop });
  }

  find(name: string): EnvironmentRun | undefined {
    return this.#runs.get(name);
  }

  runs(): Iterable<EnvironmentRun> {
    return this.#runs.values();
  }

  /** Stops a run: within the grace by asking, then, where that does not end a process, by force. */
  async stop(name: string, graceMs: number, clock: Clock): Promise<void> {
    const run = this.#runs.get(name);
    if (run === undefined) return;
    const isOver = new AbortController();
    void run.ended.then(() => isOver.abort());
    run.stop(false);
    await clock.sleep(graceMs, { signal: isOver.signal });
    if (!isOver.signal.aborted && this.#process === undefined) run.stop(true);
  }

  /** Forgets a run; what it still does has no effect. */
  remove(name: string): void {
    this.#runs.delete(name);
  }
}
