import type { FaultLog } from "./fault-log.ts";
import type { Kernel } from "./kernel.ts";
import type { Random } from "./random.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/**
 * What becomes of a call to the store. `away`: it does not get there. `answer_lost`: it is done, and the caller does not
 * hear of it. `late`: it is done after the caller has given it up. `stuck`: it is a claim, and is done when its task waits
 * again: the worst moment that there is for it.
 */
export type CallFate =
  | { readonly kind: "done"; readonly thereMs: number; readonly backMs: number }
  | { readonly kind: "away"; readonly afterMs: number }
  | { readonly kind: "answer_lost" | "stuck" }
  | { readonly kind: "late"; readonly afterMs: number };

/** What becomes of a message that is published. */
export type PublishFate =
  | { readonly kind: "done" | "doubled" | "garbled" | "confirm_lost" }
  | { readonly kind: "away"; readonly afterMs: number }
  | { readonly kind: "late"; readonly afterMs: number };

/** Decides how calls and messages fare between the processes and their servers. */
export class Network {
  /** Whether anything can go wrong. */
  isFaulty = false;
  /** Whether messages may be garbled on their way. */
  canGarble = false;
  isStoreAway = false;
  isBrokerAway = false;
  /** What is to be done to the processes whose next claim gets stuck. */
  readonly sticking: Map<SimulatedProcess, () => void> = new Map();
  /** The processes that do not reach the store. */
  readonly cut: Set<SimulatedProcess> = new Set();
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #faults: FaultLog;
  readonly #stuck = new Map<string, () => void>();
  /** Until when a process cannot be blamed for being late, in epoch milliseconds. */
  readonly #troubledUntilMs = new Map<SimulatedProcess, number>();

  constructor(options: { readonly kernel: Kernel; readonly random: Random; readonly faults: FaultLog }) {
    this.#kernel = options.kernel;
    this.#random = options.random;
    this.#faults = options.faults;
  }

  /** Whether calls of `process` reach the store. */
  reachesStore(process: SimulatedProcess): boolean {
    return !this.isStoreAway && !this.cut.has(process);
  }

  /** Since when `process` has been able to work undisturbed, in epoch milliseconds; may lie ahead. */
  undisturbedSinceMs(process: SimulatedProcess): number {
    return Math.max(process.startedMs, this.#troubledUntilMs.get(process) ?? 0);
  }

  /** Says that `process` is or was disturbed until in `forMs`. */
  disturb(process: SimulatedProcess, forMs: number): void {
    const untilMs = this.#kernel.nowMs + forMs;
    if (untilMs > (this.#troubledUntilMs.get(process) ?? 0)) this.#troubledUntilMs.set(process, untilMs);
  }

  /** Keeps a claim back until {@link Network.unstick}. */
  stick(id: string, claim: () => void): void {
    this.#stuck.set(id, claim);
  }

  /** A task waits again: a claim of it that is stuck gets there. */
  unstick(id: string): void {
    const claim = this.#stuck.get(id);
    if (claim === undefined) return;
    this.#stuck.delete(id);
    this.#kernel.after(this.#random.between(0, 20), claim);
  }

  /** The fate of a call that `process` sends now. */
  callFate(process: SimulatedProcess, options: { readonly isClaim: boolean; readonly timeoutMs: number }): CallFate {
    const random = this.#random;
    if (!this.reachesStore(process)) {
      return { kind: "away", afterMs: random.chance(0.5) ? 1 : options.timeoutMs };
    }
    const onStuck = options.isClaim ? this.sticking.get(process) : undefined;
    if (onStuck !== undefined) {
      this.sticking.delete(process);
      onStuck();
      return { kind: "stuck" };
    }
    if (this.isFaulty) {
      if (random.chance(0.012)) return this.#faulty("answer_lost", { kind: "answer_lost" });
      if (random.chance(0.008)) {
        const afterMs = random.chance(0.5) ? random.between(1, 2_000) : random.between(2_000, 8_000);
        return this.#faulty("call_late", { kind: "late", afterMs });
      }
    }
    if (random.chance(0.8)) return { kind: "done", thereMs: 0, backMs: random.between(0, 2) };
    return { kind: "done", thereMs: random.between(1, 30), backMs: random.between(0, 30) };
  }

  /** The fate of a message that is published now. */
  publishFate(publishTimeoutMs: number): PublishFate {
    const random = this.#random;
    if (this.isBrokerAway) return { kind: "away", afterMs: random.chance(0.7) ? 1 : publishTimeoutMs };
    if (this.isFaulty) {
      if (random.chance(0.02)) return this.#faulty("confirm_lost", { kind: "confirm_lost" });
      if (random.chance(0.02)) {
        return this.#faulty("publish_late", { kind: "late", afterMs: random.between(1, 8_000) });
      }
      if (random.chance(0.03)) return this.#faulty("message_doubled", { kind: "doubled" });
      if (this.canGarble && random.chance(0.01)) return this.#faulty("message_garbled", { kind: "garbled" });
    }
    return { kind: "done" };
  }

  /** Whether a hint for `process` gets lost. */
  losesHint(process: SimulatedProcess): boolean {
    if (!this.reachesStore(process)) return true;
    return this.isFaulty && this.#random.chance(0.1) && this.#faulty("hint_lost", true);
  }

  /** Whether an acknowledgement gets lost. */
  losesAck(): boolean {
    return this.isFaulty && this.#random.chance(0.02) && this.#faulty("ack_lost", true);
  }

  /** How long something takes on its way, in milliseconds. */
  latencyMs(): number {
    return this.#random.chance(0.8) ? this.#random.between(0, 2) : this.#random.between(3, 40);
  }

  /** How long a connection takes to come back, in milliseconds. */
  reconnectMs(): number {
    return this.#random.between(50, 1_500);
  }

  #faulty<Fate>(kind: Parameters<FaultLog["add"]>[0], fate: Fate): Fate {
    this.#faults.add(kind);
    return fate;
  }
}
