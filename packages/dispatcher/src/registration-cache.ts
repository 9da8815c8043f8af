import type { Clock } from "@mayfly/service";
import type { TaskStore } from "@mayfly/store";
import type { Registration } from "@mayfly/task";

interface Entry {
  readonly registration: Promise<Registration | undefined>;
  readonly freshUntilMs: number;
}

/**
 * Remembers registrations for a moment, so that scheduling asks the store for them once and not for each task. What is
 * missing is not remembered: a scheduler that has just registered is known at once.
 */
export class RegistrationCache {
  readonly #store: TaskStore;
  readonly #clock: Clock;
  readonly #freshMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(options: { readonly store: TaskStore; readonly clock: Clock; readonly freshMs: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#freshMs = options.freshMs;
  }

  /** The registration of a scheduler, at most `freshMs` old. */
  async find(scheduler: string): Promise<Registration | undefined> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#entries.get(scheduler);
    if (known !== undefined && nowMs < known.freshUntilMs) return known.registration;
    const entry = { registration: this.#store.findRegistration(scheduler), freshUntilMs: nowMs + this.#freshMs };
    this.#entries.set(scheduler, entry);
    let found: Registration | undefined;
    try {
      found = await entry.registration;
    } finally {
      if (found === undefined && this.#entries.get(scheduler) === entry) this.#entries.delete(scheduler);
    }
    return found;
  }

  /** Asks the store anew the next time. */
  forget(scheduler: string): void {
    this.#entries.delete(scheduler);
  }
}
