import type { Clock } from "@mayfly/service";
import { isImageName, isPullable } from "./image-name.ts";

/** Why a container waits for its image. */
export interface PullProblem {
  readonly reason: "InvalidImageName" | "ErrImagePull" | "ImagePullBackOff";
  readonly message: string;
}

const firstBackoffMs = 10_000;
const longestBackoffMs = 300_000;

/**
 * Gets images. They are only names: every well-formed one can be had, but for those of a registry below `.invalid`.
 *
 * @see https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
 */
export class ImagePuller {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #isStalled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** While it is, every pull takes forever. */
  set isStalled(value: boolean) {
    this.#isStalled = value;
    if (value) return;
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  /** Resolves with true once the image is there, or false once `signal` has fired. Reports what is in the way. */
  async pull(image: string, report: (problem: PullProblem) => Promise<void>, signal: AbortSignal): Promise<boolean> {
    if (!isImageName(image)) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      await report({ reason: "InvalidImageName", message });
      await this.#released(signal);
      return false;
    }
    for (let backoffMs = firstBackoffMs; !signal.aborted; backoffMs = Math.min(backoffMs * 2, longestBackoffMs)) {
      if (this.#isStalled) await this.#released(signal);
      if (isPullable(image)) return !signal.aborted;
      const why = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": dial tcp: lookup: no such host`;
      await report({ reason: "ErrImagePull", message: why });
      await report({ reason: "ImagePullBackOff", message: `Back-off pulling image "${image}": ErrImagePull: ${why}` });
      await this.#clock.sleep(backoffMs, { signal });
    }
    return false;
  }

  /** Resolves once pulls are no longer stalled, or `signal` has fired. */
  async #released(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      if (this.#isStalled) this.#waiting.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}
