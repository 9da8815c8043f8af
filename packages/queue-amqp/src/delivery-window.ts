/** A delivery that is being handled, or still to be acknowledged. */
export interface HeldDelivery {
  /** The consumer tag under which it came. */
  readonly tag: string;
  /** When it came, by the monotonic clock. */
  readonly sinceMs: number;
  /** The store decides from here. */
  isOwned: boolean;
  /** Its handling has not ended: it takes a slot. */
  isRunning: boolean;
  /** The broker waits for its acknowledgement. */
  isUnacked: boolean;
}

/**
 * Counts the deliveries of one queue, and says when the consumer has to be renewed with another prefetch.
 *
 * A message is acknowledged when its handling ends, so that the broker pushes the next one at once and short tasks are
 * fully pipelined. What is held for long is acknowledged early, and then the prefetch has to shrink to the free slots;
 * when such a task ends it has to grow again, or the window would never be as wide as the slots once more.
 */
export class DeliveryWindow {
  readonly #slots: number;
  readonly #holdMs: number;
  readonly #held = new Set<HeldDelivery>();
  #tag: string | undefined;
  #prefetch = 0;

  constructor(options: { readonly slots: number; readonly holdMs: number }) {
    this.#slots = options.slots;
    this.#holdMs = options.holdMs;
  }

  /** Slots that no handling takes. */
  get free(): number {
    return this.#slots - this.#count((delivery) => delivery.isRunning);
  }

  /** Deliveries that run or wait for their acknowledgement, in the order in which they came. */
  get held(): Iterable<HeldDelivery> {
    return this.#held;
  }

  /** A consumer with this tag takes messages from now on, `prefetch` at a time; undefined: none does. */
  present(tag: string | undefined, prefetch: number): void {
    this.#tag = tag;
    this.#prefetch = tag === undefined ? 0 : prefetch;
  }

  add(delivery: HeldDelivery): void {
    this.#held.add(delivery);
  }

  /** Forgets what neither runs nor waits for its acknowledgement. */
  tidy(delivery: HeldDelivery): void {
    if (!delivery.isRunning && !delivery.isUnacked) this.#held.delete(delivery);
  }

  /** The channel is gone: the broker waits for no acknowledgement, and what is not owned goes to others. */
  void(): void {
    this.present(undefined, 0);
    for (const delivery of [...this.#held]) {
      delivery.isUnacked = false;
      this.tidy(delivery);
    }
  }

  /** Whether something runs that the broker has taken back before the store decided: then no more is taken. */
  get isStuck(): boolean {
    return this.#count((delivery) => delivery.isRunning && !delivery.isUnacked && !delivery.isOwned) > 0;
  }

  /** Those that have been held for too long: owned ones are to be acknowledged, others to be taken back. */
  overdue(nowMs: number): readonly HeldDelivery[] {
    return [...this.#held].filter((delivery) => delivery.isUnacked && nowMs - delivery.sinceMs >= this.#holdMs);
  }

  /** When the next delivery is overdue, by the monotonic clock. */
  get nextOverdueMs(): number | undefined {
    for (const delivery of this.#held) if (delivery.isUnacked) return delivery.sinceMs + this.#holdMs;
    return undefined;
  }

  /** Whether so many slots are free without the broker knowing that the consumer is to be renewed. */
  get isTooNarrow(): boolean {
    const unacked = this.#count((delivery) => delivery.isUnacked && delivery.tag === this.#tag);
    const usable = this.#tag === undefined ? 0 : this.#prefetch - unacked;
    return this.free - usable >= Math.max(1, this.#slots / 8);
  }

  #count(matches: (delivery: HeldDelivery) => boolean): number {
    let count = 0;
    for (const delivery of this.#held) if (matches(delivery)) count++;
    return count;
  }
}
