import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type CrashPoint, crashPointChannel } from "@mayfly/service";
import type { Kernel } from "./kernel.ts";
import { type ProcessKind, SimulatedProcess } from "./simulated-process.ts";

/** All crash points, by the process that has them. */
export const crashPointsOf: Readonly<Record<ProcessKind, readonly CrashPoint[]>> = {
  api: [
    "dispatcher.before_store_write",
    "dispatcher.after_store_write",
    "dispatcher.after_publish",
    "dispatcher.after_confirm",
    "dispatcher.before_reply",
  ],
  scheduler: [
    "scheduler.after_delivery",
    "scheduler.after_claim",
    "scheduler.after_start",
    "scheduler.while_running",
    "scheduler.after_end",
    "scheduler.after_finish",
  ],
  sweeper: [
    "sweeper.after_taking",
    "sweeper.after_publish",
    "sweeper.after_expire",
    "sweeper.after_recover",
    "sweeper.after_reannounce",
    "sweeper.after_dead_letter",
  ],
};

/** Ends processes at crash points. */
export class CrashPoints {
  /** How often a process has died at each. */
  readonly hits: Map<CrashPoint, number> = new Map();
  readonly #kernel: Kernel;
  readonly #crash: (process: SimulatedProcess, step: CrashPoint) => void;
  readonly #armed = new Map<CrashPoint, number>();

  constructor(options: {
    readonly kernel: Kernel;
    readonly crash: (process: SimulatedProcess, step: CrashPoint) => void;
  }) {
    this.#kernel = options.kernel;
    this.#crash = options.crash;
    subscribe(crashPointChannel, this.#pass);
  }

  /** Ends the process that passes `step` as the `passage`-th. */
  arm(step: CrashPoint, passage: number): void {
    this.#armed.set(step, passage);
  }

  /** Nobody is to die at a crash point any more. */
  disarm(): void {
    this.#armed.clear();
  }

  /** Listens no longer. */
  close(): void {
    unsubscribe(crashPointChannel, this.#pass);
  }

  readonly #pass = (message: unknown): void => {
    const step = message as CrashPoint;
    const { current } = this.#kernel;
    const left = this.#armed.get(step);
    if (left === undefined || !(current instanceof SimulatedProcess) || !current.isAlive) return;
    if (left > 1) {
      this.#armed.set(step, left - 1);
      return;
    }
    this.#armed.delete(step);
    this.hits.set(step, (this.hits.get(step) ?? 0) + 1);
    this.#crash(current, step);
  };
}
