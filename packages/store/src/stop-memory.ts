import type { Clock } from "@mayfly/service";
import type { StopHint } from "./task-store.ts";

/** Stops that came before what they are meant for, each for a short while. */
export class StopMemory {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #stops = new Map<string, { readonly stop: StopHint["stop"]; readonly untilMs: number }>();

  constructor(options: { readonly clock: Clock; readonly keepMs: number }) {
    this.#clock = options.clock;
    this.#keepMs = options.keepMs;
  }

  remember(key: string, stop: StopHint["stop"]): void {
    this.#forget();
    this.#stops.set(key, { stop, untilMs: this.#clock.monotonicMs() + this.#keepMs });
  }

  /** What was remembered for `key`, if it is not too old; forgets it. */
  take(key: string): StopHint["stop"] | undefined {
    this.#forget();
    const stop = this.#stops.get(key)?.stop;
    this.#stops.delete(key);
    return stop;
  }

  #forget(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, { untilMs }] of this.#stops) if (untilMs <= nowMs) this.#stops.delete(key);
  }
}
