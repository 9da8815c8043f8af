import { type Clock, sleepOn, type Timer } from "@mayfly/service";
import { EventHeap } from "./event-heap.ts";

/** In whose name something happens. */
export interface Actor {
  /** Whether `event` is to happen now; one that is not is up to the actor. */
  takes(event: KernelEvent): boolean;
}

/** A call that waits for its moment. */
export interface KernelEvent {
  readonly dueMs: number;
  readonly order: number;
  /** In which process it happens: not at all when that has died, later while that is paused. */
  readonly process: Actor | undefined;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** When every simulation begins, in epoch milliseconds. */
const beginMs = Date.UTC(2026, 0, 1);

/** A simulation that does not come to rest is broken. */
const mostEvents = 1_000_000;

/**
 * Virtual time and all that happens in it, one event after the other: time moves only when everything that the last event
 * has set going waits for time or for another event. No event loop turn is needed for that, so that nothing outside of the
 * simulation can come between.
 */
export class Kernel {
  /** The process whose code runs now. */
  current: Actor | undefined;
  readonly #heap = new EventHeap<KernelEvent>();
  #nowMs = beginMs;
  #order = 0;
  #events = 0;

  /** The true time, in epoch milliseconds: that of the store. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events there were. */
  get events(): number {
    return this.#events;
  }

  /** The clock of the store and of the broker, which nothing disturbs. */
  readonly clock: Clock = {
    now: () => this.#nowMs,
    monotonicMs: () => this.#nowMs - beginMs,
    setTimer: (delayMs, callback) => this.after(delayMs, callback),
    sleep: (delayMs, options) => sleepOn(this.clock, delayMs, options?.signal),
  };

  /** Calls `callback` in `delayMs`, in the process if one is given. */
  after(delayMs: number, callback: () => void, process?: Actor): Timer {
    const event: KernelEvent = {
      dueMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      process,
      callback,
      isCancelled: false,
    };
    this.#heap.push(event);
    return { cancel: () => void (event.isCancelled = true) };
  }

  /** Lets time pass until `untilMs`, or until `isOver` says so: asked after each event. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    for (let next = this.#heap.peek(); next !== undefined && next.dueMs <= untilMs; next = this.#heap.peek()) {
      if (isOver()) return;
      this.#heap.pop();
      if (next.isCancelled) continue;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      if (this.#events++ > mostEvents) throw new Error(`The simulation does not end: ${mostEvents} events.`);
      await this.#happen(next);
    }
    if (!isOver()) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  async #happen(event: KernelEvent): Promise<void> {
    const { process, callback } = event;
    if (process !== undefined && !process.takes(event)) return;
    this.current = process;
    callback();
    await quiet();
    this.current = undefined;
  }
}

/**
 * Resolves when no promise callback is left: Node runs what is given to `nextTick` from a promise callback only after the
 * last of these.
 */
function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
