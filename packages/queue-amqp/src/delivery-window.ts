/** A delivery that is being handled, or of whose end the broker has not been told. */
export interface HeldDelivery {
  /** The consumer tag under which it came. */
  readonly tag: string;
  /** When it came, by the monotonic clock. */
  readonly sinceMs: number;
  /** The broker's copy is no longer needed: the store decides from here, or nobody can handle the message. */
  readonly isDecided: boolean;
  /** Its handling has not ended: it takes a slot. */
  readonly isRunning: boolean;
  /** The broker waits to be told what became of it. */
  isUnacked: boolean;
}

/**
 * Counts the deliveries of one queue, and says when the consumer has to be renewed with another prefetch.
 *
 * A message is acknowledged when its handling ends, so that the broker pushes the next one at once and short tasks are
 * fully pipelined. What is held for long is acknowledged early, and then the prefetch has to shrink to the free slots;
 * when such a task ends it has to grow again, or the window would never be as wide as the slots once more.
 */
export class DeliveryWindow<Held extends HeldDelivery> {
  readonly #slots: number;
  readonly #holdMs: number;
  /** In the order in which they came. */
  readonly #held = new Set<Held>();
  #tag: string | undefined;
  #prefetch = 0;

  constructor(options: { readonly slots: number; readonly holdMs: number }) {
    this.#slots = options.slots;
    this.#holdMs = options.holdMs;
  }

  /** How many deliveries a new consumer may be sent before it acknowledges one: the slots that no handling takes. */
  get prefetch(): number {
    return this.isStuck ? 0 : this.#free;
  }

  /** Those of which the broker's copy is no longer needed. */
  get decided(): readonly Held[] {
    return [...this.#held].filter((delivery) => delivery.isDecided);
  }

  /** A consumer with this tag takes messages from now on, `prefetch` at a time; undefined: none does. */
  present(tag: string | undefined, prefetch: number): void {
    this.#tag = tag;
    this.#prefetch = tag === undefined ? 0 : prefetch;
  }

  add(delivery: Held): void {
    this.#held.add(delivery);
  }

  /** Forgets what neither runs nor waits for its acknowledgement. */
  tidy(): void {
    for (const delivery of this.#held) if (!delivery.isRunning && !delivery.isUnacked) this.#held.delete(delivery);
  }

  /** The channel is gone: the broker waits for nothing any more, and what is not decided goes to others. */
  void(): void {
    this.present(undefined, 0);
    for (const delivery of this.#held) delivery.isUnacked = false;
    this.tidy();
  }

  /**
   * Whether something is handled that the broker has taken back before the store decided. The store does not answer then:
   * nothing more is taken until it does, or the queue would be passed round and round.
   */
  get isStuck(): boolean {
    return this.#count((delivery) => delivery.isRunning && !delivery.isUnacked && !delivery.isDecided) > 0;
  }

  /** Those that have been held for too long: decided ones are to be acknowledged, the others go back. */
  overdue(nowMs: number): readonly Held[] {
    return [...this.#held].filter((delivery) => delivery.isUnacked && nowMs - delivery.sinceMs >= this.#holdMs);
  }

  /** When the next delivery is overdue, by the monotonic clock. */
  get nextOverdueMs(): number | undefined {
    for (const delivery of this.#held) if (delivery.isUnacked) return delivery.sinceMs + this.#holdMs;
    return undefined;
  }

  /**
   * Whether so many slots are free without the broker knowing that the consumer is to be renewed. One is enough when
   * nothing could come at all.
   */
  get isTooNarrow(): boolean {
    if (this.isStuck) return false;
    const unacked = this.#count((delivery) => delivery.isUnacked && delivery.tag === this.#tag);
    const usable = this.#tag === undefined ? 0 : this.#prefetch - unacked;
    return this.#free - usable >= (usable <= 0 ? 1 : Math.max(1, this.#slots / 8));
  }

  get #free(): number {
    return this.#slots - this.#count((delivery) => delivery.isRunning);
  }

  #count(matches: (delivery: Held) => boolean): number {
    let count = 0;
    for (const delivery of this.#held) if (matches(delivery)) count++;
    return count;
  }
}
