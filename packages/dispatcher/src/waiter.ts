import type { Clock } from "@mayfly/service";
import type { Subscription, TaskStore } from "@mayfly/store";
import type { TaskView } from "@mayfly/task";

/** Behind each hint stands a poll: a task that is waited for is read again this often (protocol, "Hints"). */
const rereadMs = 5_000;

/** All who wait for one task: they share one subscription. */
interface Watch {
  readonly listeners: Set<() => void>;
  readonly subscribed: Promise<Subscription>;
}

/** Waits for the end of tasks: told by the store's hints, and by reading again in case a hint is lost. */
export class Waiter {
  readonly #store: TaskStore;
  readonly #clock: Clock;
  readonly #maxWaiters: number;
  readonly #watches = new Map<string, Watch>();
  #waiters = 0;

  constructor(options: { readonly store: TaskStore; readonly clock: Clock; readonly maxWaiters: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#maxWaiters = options.maxWaiters;
  }

  /**
   * Resolves with the task as soon as it is done, else with its present state: after `waitMs`, when `signal` fires, or at
   * once when too many wait already.
   */
  async wait(
    id: string,
    options: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<TaskView | undefined> {
    if (options.waitMs <= 0 || this.#waiters >= this.#maxWaiters) return this.#store.find(id);
    this.#waiters++;
    const wake = new Wake(this.#clock);
    const leave = this.#join(id, wake.now);
    options.signal?.addEventListener("abort", wake.now);
    try {
      const endMs = this.#clock.monotonicMs() + options.waitMs;
      await leave.subscribed;
      for (;;) {
        const view = await this.#store.find(id);
        const leftMs = endMs - this.#clock.monotonicMs();
        const isOver = leftMs <= 0 || options.signal?.aborted === true;
        if (view === undefined || view.state === "done" || isOver) return view;
        await wake.wait(Math.min(leftMs, rereadMs));
      }
    } finally {
      this.#waiters--;
      options.signal?.removeEventListener("abort", wake.now);
      leave.leave();
    }
  }

  #join(id: string, listener: () => void): { readonly subscribed: Promise<unknown>; leave(): void } {
    let watch = this.#watches.get(id);
    if (watch === undefined) {
      const listeners = new Set<() => void>();
      const subscribed = this.#store.watchDone(id, () => {
        for (const tell of listeners) tell();
      });
      watch = { listeners, subscribed };
      this.#watches.set(id, watch);
      // The next one who comes tries again; without hints there is still the poll.
      subscribed.catch(() => this.#watches.get(id)?.listeners === listeners && this.#watches.delete(id));
    }
    const { listeners, subscribed } = watch;
    listeners.add(listener);
    return {
      subscribed: subscribed.catch(() => undefined),
      leave: () => {
        listeners.delete(listener);
        if (listeners.size > 0 || this.#watches.get(id)?.listeners !== listeners) return;
        this.#watches.delete(id);
        subscribed.then(
          (subscription) => subscription.close(),
          () => undefined,
        );
      },
    };
  }
}

/** A wait that can be cut short, also before it begins. */
class Wake {
  readonly #clock: Clock;
  #isWoken = false;
  #cut: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly now = (): void => {
    this.#isWoken = true;
    this.#cut?.abort();
  };

  async wait(ms: number): Promise<void> {
    if (!this.#isWoken) {
      this.#cut = new AbortController();
      await this.#clock.sleep(ms, { signal: this.#cut.signal });
    }
    this.#isWoken = false;
  }
}
