import type { Subscription } from "../task-store.ts";

/** Who wants to be called for which key. */
export class Listeners<Value> {
  readonly #listeners = new Map<string, Set<{ readonly call: (value: Value) => void }>>();

  /** The same function may be added twice and is then called twice. */
  add(key: string, call: (value: Value) => void): Subscription {
    const entry = { call };
    const entries = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, entries.add(entry));
    return {
      close: () => {
        entries.delete(entry);
        if (entries.size === 0 && this.#listeners.get(key) === entries) this.#listeners.delete(key);
      },
    };
  }

  /** Calls after the present step, so that no listener can see or disturb the middle of it. */
  tell(key: string, value: Value): void {
    for (const entry of this.#listeners.get(key) ?? []) {
      queueMicrotask(() => {
        if (this.#listeners.get(key)?.has(entry)) entry.call(value);
      });
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
