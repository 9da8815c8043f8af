import { RuntimeError } from "@mayfly/runtime";
import type { Clock } from "@mayfly/service";
import type { DockerEngine } from "./docker-engine.ts";
import { engineMessage } from "./engine-error.ts";
import { imageToPull, parseImageReference } from "./image-reference.ts";

/** Pulls one image, once for all tasks that wait for it. */
export class ImagePuller {
  readonly #engine: DockerEngine;
  readonly #image: string;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #pulling: Promise<void> | undefined;

  constructor(engine: DockerEngine, image: string, limits: { readonly clock: Clock; readonly timeoutMs: number }) {
    this.#engine = engine;
    this.#image = image;
    this.#clock = limits.clock;
    this.#timeoutMs = limits.timeoutMs;
  }

  /** Resolves when the image has been pulled. Rejects when that fails, and with the reason of `signal` when it fires. */
  async pull(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#pulling ??= this.#pull().finally(() => (this.#pulling = undefined));
    let abort: () => void = () => undefined;
    const given = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", abort);
    });
    try {
      await Promise.race([this.#pulling, given]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #pull(): Promise<void> {
    const limit = new AbortController();
    const late = new Error(`It took longer than ${this.#timeoutMs} ms.`);
    const timer = this.#clock.setTimer(this.#timeoutMs, () => limit.abort(late));
    try {
      await this.#engine.pull(imageToPull(parseImageReference(this.#image)), limit.signal);
    } catch (error) {
      const cause = limit.signal.aborted ? late : error;
      throw new RuntimeError("runtime", `The image ${this.#image} could not be pulled: ${engineMessage(cause)}`, {
        cause,
      });
    } finally {
      timer.cancel();
    }
  }
}
