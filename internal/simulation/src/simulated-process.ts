import { type Clock, sleepOn } from "@mayfly/service";
import type { Actor, Kernel, KernelEvent } from "./kernel.ts";

/** What a process is there for. */
export type ProcessKind = "api" | "scheduler" | "sweeper";

/**
 * One start of a program. Its code runs only in events of its own, so that it can be paused and killed between any two of
 * them: nothing that is planned for a dead process happens, and what is planned for a paused one happens when it goes on.
 */
export class SimulatedProcess implements Actor {
  readonly kind: ProcessKind;
  /** Such as `scheduler-2.3`: its place, and the number of the start there. */
  readonly name: string;
  /** Its own clocks: the wall clock may jump, the monotonic one has an origin of its own. */
  readonly clock: Clock;
  /** How far its wall clock is off, in milliseconds. */
  wallOffsetMs = 0;
  /** When it was told to stop, if it was. */
  stoppingSinceMs: number | undefined;
  readonly startedMs: number;
  readonly #kernel: Kernel;
  readonly #backlog: KernelEvent[] = [];
  readonly #onDeath: (() => void)[] = [];
  #state: "running" | "paused" | "dead" = "running";
  #resumedMs = -1;

  constructor(options: { readonly kernel: Kernel; readonly kind: ProcessKind; readonly name: string }) {
    const { kernel } = options;
    this.#kernel = kernel;
    this.kind = options.kind;
    this.name = options.name;
    this.startedMs = kernel.nowMs;
    const originMs = kernel.nowMs - 1_000 * options.name.length;
    this.clock = {
      now: () => kernel.nowMs + this.wallOffsetMs,
      monotonicMs: () => kernel.nowMs - originMs,
      setTimer: (delayMs, callback) => kernel.after(delayMs, callback, this),
      sleep: (delayMs, given) => sleepOn(this.clock, delayMs, given?.signal),
    };
  }

  get isAlive(): boolean {
    return this.#state !== "dead";
  }

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  /** Whether it can have seen everything that was due until now: it runs, and has not just been woken. */
  get isAwake(): boolean {
    return this.#state === "running" && this.#resumedMs < this.#kernel.nowMs;
  }

  /** Whether `event` is to happen now. */
  takes(event: KernelEvent): boolean {
    if (this.#state === "paused") this.#backlog.push(event);
    return this.#state === "running";
  }

  /** Stops its code where it is, as SIGSTOP does. */
  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  /** Lets it go on, as SIGCONT does. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    this.#resumedMs = this.#kernel.nowMs;
    for (const event of this.#backlog.splice(0)) {
      this.#kernel.after(0, () => !event.isCancelled && event.callback(), this);
    }
  }

  /** Ends it, as SIGKILL does. */
  kill(): void {
    if (this.#state === "dead") return;
    this.#state = "dead";
    this.#backlog.length = 0;
    for (const call of this.#onDeath.splice(0)) call();
  }

  /** Calls `callback` when it dies: what the outside notices of that. */
  onDeath(callback: () => void): void {
    this.#onDeath.push(callback);
  }
}
