import { systemClock } from "@mayfly/service";
import type { JsonValue, Task } from "@mayfly/task";
import type { Result } from "../result.ts";
import { type RunContext, type StopCode, StopReason } from "../run-context.ts";
import type { Runtime } from "../runtime.ts";
import type { RuntimeAbility, RuntimeHarness } from "./runtime-harness.ts";

/** One promise of the contract. */
export interface ContractCase {
  readonly title: string;
  /** Without all of these, the case says nothing about the runtime. */
  readonly needs: readonly RuntimeAbility[];
  /** With any of these, the case does not apply. */
  readonly without?: readonly RuntimeAbility[];
  readonly verify: (trial: Trial) => Promise<void>;
}

/** Says that the harness has no member `name`, although an ability that it needs is offered. */
export function missing(name: string): never {
  throw new Error(`The harness has no ${name}, which an ability that is offered needs.`);
}

/** What one case works with: a harness of its own, and limits, so that a runtime that hangs fails instead. */
export class Trial {
  readonly harness: RuntimeHarness;
  readonly abilities: ReadonlySet<RuntimeAbility>;
  readonly #limitMs: number;

  constructor(harness: RuntimeHarness, abilities: ReadonlySet<RuntimeAbility>, limitMs: number) {
    this.harness = harness;
    this.abilities = abilities;
    this.#limitMs = limitMs;
  }

  get tasks(): RuntimeHarness["tasks"] {
    return this.harness.tasks;
  }

  /** Starts `task` as an owner of its own. */
  async start(
    task: Task,
    options: { attempt?: number; number?: number; deadline?: number; runtime?: Runtime; owner?: AbortController } = {},
  ): Promise<TrialRun> {
    const owner = options.owner ?? new AbortController();
    const context: RunContext = {
      signal: owner.signal,
      attempt: options.attempt ?? 1,
      number: options.number ?? 1,
      deadline: options.deadline ?? systemClock.now() + 600_000,
      log: () => undefined,
      progress: () => undefined,
    };
    const runtime = options.runtime ?? this.harness.runtime;
    const handle = await this.within("start", runtime.start(task, context));
    return new TrialRun({ trial: this, runtime, task, handle, context, owner });
  }

  /** Starts `task` and waits until the environment shows it running. */
  async startRunning(
    task: Task,
    options?: { attempt?: number; number?: number; runtime?: Runtime },
  ): Promise<TrialRun> {
    const run = await this.start(task, options);
    await this.until("the work runs", () => run.isRunning());
    return run;
  }

  /** Starts another task and waits for its end: by then, whatever was about to happen to others has happened. */
  async runAnother(): Promise<void> {
    await (await this.start(this.tasks.complete())).wait();
  }

  /** How many times the work of `task` has begun, in all its runs. */
  timesBegun(task: Task): Promise<number> {
    return this.harness.timesBegun?.(task) ?? missing("timesBegun");
  }

  /** Whether anything of a run exists in the environment. */
  remains(task: Task, run: number): Promise<boolean> {
    return this.harness.remains?.(task, run) ?? missing("remains");
  }

  async within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
    let late: (() => void) | undefined;
    const limit = new Promise<never>((_, reject) => {
      late = () => reject(new Error(`${what} did not happen within ${this.#limitMs} ms`));
    });
    const timer = systemClock.setTimer(this.#limitMs, () => late?.());
    try {
      return await Promise.race([promise, limit]);
    } finally {
      timer.cancel();
    }
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const endMs = systemClock.monotonicMs() + this.#limitMs;
    while (!(await condition())) {
      if (systemClock.monotonicMs() > endMs)
        throw new Error(`It did not come to pass within ${this.#limitMs} ms: ${what}`);
      await systemClock.sleep(5);
    }
  }
}

interface TrialRunParts {
  readonly trial: Trial;
  readonly runtime: Runtime;
  readonly task: Task;
  readonly handle: JsonValue;
  readonly context: RunContext;
  readonly owner: AbortController;
}

/** A run that a {@link Trial} has started, seen through one runtime. */
export class TrialRun {
  readonly task: Task;
  /** The handle after it went through JSON, as it does when it is stored. */
  readonly handle: JsonValue;
  /** The handle as `start` gave it. */
  readonly rawHandle: unknown;
  readonly #parts: TrialRunParts;
  readonly #trial: Trial;
  readonly #runtime: Runtime;

  constructor(parts: TrialRunParts) {
    this.#parts = parts;
    this.#trial = parts.trial;
    this.#runtime = parts.runtime;
    this.task = parts.task;
    this.rawHandle = parts.handle;
    this.handle = JSON.parse(JSON.stringify(parts.handle)) as JsonValue;
  }

  get number(): number {
    return this.#parts.context.number;
  }

  wait(): Promise<Result> {
    return this.#trial.within("the end of the run", this.#runtime.wait(this.handle, this.#parts.context));
  }

  /** @param graceMs - by default longer than any case may take: whoever waits for the grace fails */
  stop(graceMs = 3_600_000): Promise<void> {
    return this.#trial.within("stop", this.#runtime.stop(this.handle, { graceMs }));
  }

  destroy(): Promise<void> {
    return this.#trial.within("destroy", this.#runtime.destroy(this.handle));
  }

  isRunning(): Promise<boolean> {
    return this.#trial.harness.isRunning(this.handle);
  }

  /** Fires the owner's signal. */
  signal(code: StopCode): void {
    this.#parts.owner.abort(new StopReason(code, `The contract suite says ${code}.`));
  }

  /** The same run through the runtime of the process that comes next. */
  seenBy(runtime: Runtime): TrialRun {
    return new TrialRun({ ...this.#parts, runtime });
  }
}
