import { type Dispatcher, DispatcherError } from "@mayfly/dispatcher";
import { crashPoint } from "@mayfly/service";
import type { Kernel } from "./kernel.ts";
import type { Network } from "./network.ts";
import type { Place } from "./place.ts";
import type { Random } from "./random.ts";

/** What a client hears: an answer, the code of a refusal, or nothing, and then it may have been done or not. */
export type Heard<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "silence" };

/** How long a client waits for an answer, in milliseconds. */
const patienceMs = 8_000;

/** Talks to the APIs of a simulation, as a program on another host does. */
export class Client {
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #random: Random;
  readonly #apis: readonly Place[];

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly random: Random;
    readonly apis: readonly Place[];
  }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#random = options.random;
    this.#apis = options.apis;
  }

  /** Asks one of the APIs. Never fails; an error that is not the dispatcher's own is refused as `unforeseen: …`. */
  ask<Answer>(request: (dispatcher: Dispatcher) => Promise<Answer>): Promise<Heard<Answer>> {
    const kernel = this.#kernel;
    const { process, dispatcher } = this.#random.pick(this.#apis);
    return new Promise((resolve) => {
      if (!process.isAlive || dispatcher === undefined) {
        kernel.after(1, () => resolve({ kind: "silence" }));
        return;
      }
      const hear = (heard: Heard<Answer>): void => {
        // What the API does as the last thing.
        crashPoint("dispatcher.before_reply");
        // Nobody answers any more when the process has died in between.
        if (process.isAlive) kernel.after(this.#network.latencyMs(), () => resolve(heard));
      };
      kernel.after(
        this.#network.latencyMs(),
        () => {
          request(dispatcher).then(
            (answer) => hear({ kind: "answer", answer }),
            (error: unknown) => hear({ kind: "refused", code: codeOf(error) }),
          );
        },
        process,
      );
      kernel.after(patienceMs, () => resolve({ kind: "silence" }));
    });
  }

  /** Resolves after `delayMs`. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#kernel.after(delayMs, resolve));
  }
}

function codeOf(error: unknown): string {
  return DispatcherError.is(error) ? error.code : `unforeseen: ${String(error)}`;
}
