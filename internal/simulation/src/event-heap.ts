/** Something that happens at a moment of virtual time. */
export interface PlannedEvent {
  readonly dueMs: number;
  /** Decides between events of the same moment: the one that was planned first comes first. */
  readonly order: number;
}

/** Events, the next one first: a binary heap. */
export class EventHeap<Event extends PlannedEvent> {
  readonly #events: Event[] = [];

  /** The next event, if there is one. */
  peek(): Event | undefined {
    return this.#events[0];
  }

  push(event: Event): void {
    const events = this.#events;
    let at = events.length;
    for (let parent = (at - 1) >> 1; at > 0 && isBefore(event, events[parent] as Event); parent = (at - 1) >> 1) {
      events[at] = events[parent] as Event;
      at = parent;
    }
    events[at] = event;
  }

  /** Removes and gives the next event. */
  pop(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let at = 0;
    for (let child = 1; child < events.length; child = 2 * at + 1) {
      if (child + 1 < events.length && isBefore(events[child + 1] as Event, events[child] as Event)) child++;
      if (!isBefore(events[child] as Event, last)) break;
      events[at] = events[child] as Event;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

function isBefore(a: PlannedEvent, b: PlannedEvent): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
