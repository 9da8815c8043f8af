import type { Clock, Timer } from "@mayfly/service";

/** Cuts a request when its caller fires a signal, or when what is waited for does not come in time. */
export class Patience {
  readonly #clock: Clock;
  readonly #caller: AbortSignal | undefined;
  readonly #cut = new AbortController();
  #timer: Timer | undefined;

  constructor(options: { readonly clock: Clock; readonly caller: AbortSignal | undefined }) {
    this.#clock = options.clock;
    this.#caller = options.caller;
    this.#caller?.addEventListener("abort", this.#onCut);
  }

  /** Fires when the request is to be cut. */
  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  /** Something is waited for, from now on and for at most so long. */
  begin(limitMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(limitMs, this.#onCut);
  }

  /** It has come. */
  rest(): void {
    this.#timer?.cancel();
  }

  /** Nothing is waited for any more: closes what is still open of the request. */
  end(): void {
    this.rest();
    this.#caller?.removeEventListener("abort", this.#onCut);
    this.#cut.abort();
  }

  readonly #onCut = (): void => this.#cut.abort();
}
