interface Entry {
  readonly id: string;
  readonly at: number;
  /** Keeps what is due at the same moment in the order in which it came. */
  readonly order: number;
}

/** Ids, each with a moment, the earliest first: a binary heap that knows where each id is. */
export class TimeIndex {
  readonly #heap: Entry[] = [];
  readonly #positions = new Map<string, number>();
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Adds an id, or moves it. */
  set(id: string, at: number): void {
    const position = this.#positions.get(id) ?? this.#heap.length;
    this.#place({ id, at, order: this.#order++ }, position);
    this.#settle(position);
  }

  /** Removes an id; does nothing if it is not there. */
  delete(id: string): void {
    const position = this.#positions.get(id);
    if (position === undefined) return;
    this.#positions.delete(id);
    const last = this.#heap.pop();
    if (last === undefined || position === this.#heap.length) return;
    this.#place(last, position);
    this.#settle(position);
  }

  /** The moment of an id, if it is there. */
  get(id: string): number | undefined {
    const position = this.#positions.get(id);
    return position === undefined ? undefined : this.#heap[position]?.at;
  }

  /** The earliest id whose moment has come. */
  firstUntil(now: number): string | undefined {
    const first = this.#heap[0];
    return first !== undefined && first.at <= now ? first.id : undefined;
  }

  /** Time until the earliest moment, not below 0; undefined when the index is empty. */
  nextInMs(now: number): number | undefined {
    const first = this.#heap[0];
    return first === undefined ? undefined : Math.max(0, first.at - now);
  }

  #place(entry: Entry, position: number): void {
    this.#heap[position] = entry;
    this.#positions.set(entry.id, position);
  }

  #settle(position: number): void {
    const entry = this.#heap[position] as Entry;
    let at = position;
    for (let parent = (at - 1) >> 1; at > 0 && this.#isBefore(entry, parent); parent = (at - 1) >> 1) {
      this.#place(this.#heap[parent] as Entry, at);
      at = parent;
    }
    for (let child = this.#earlierChild(at); child !== undefined && !this.#isBefore(entry, child); ) {
      this.#place(this.#heap[child] as Entry, at);
      at = child;
      child = this.#earlierChild(at);
    }
    this.#place(entry, at);
  }

  #earlierChild(position: number): number | undefined {
    const left = 2 * position + 1;
    const leftEntry = this.#heap[left];
    if (leftEntry === undefined) return undefined;
    return left + 1 < this.#heap.length && !this.#isBefore(leftEntry, left + 1) ? left + 1 : left;
  }

  #isBefore(entry: Entry, position: number): boolean {
    const other = this.#heap[position] as Entry;
    return entry.at < other.at || (entry.at === other.at && entry.order < other.order);
  }
}
