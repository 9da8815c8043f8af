import { StatusError } from "../status-error.ts";
import type { Resource } from "../store/resource-kind.ts";
import type { Verb } from "./verb.ts";

/**
 * What goes wrong with a request: it is answered with this status, and with this message if there is one; or its connection
 * is cut, before anything has happened or after.
 */
export type RequestFault = number | { readonly status: number; readonly message: string } | "cut" | "cutAfter";

/** A request that waits until it is let go. */
export interface HeldRequest {
  /** Resolves when there is such a request. */
  readonly arrived: Promise<void>;
  release(): void;
}

interface Plan {
  readonly what: string;
  readonly fault: RequestFault | { readonly arrive: () => void; readonly released: Promise<void> };
}

const reasons: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** Faults that wait for the next request of a kind. */
export class RequestFaults {
  readonly #plans: Plan[] = [];

  /** The next request of this kind fails; several calls make as many fail, in this order. */
  failNext(verb: Verb, what: Resource | "pods/log", fault: RequestFault): void {
    this.#plans.push({ what: `${verb} ${what}`, fault });
  }

  /** The next request of this kind waits. */
  holdNext(verb: Verb, what: Resource | "pods/log"): HeldRequest {
    const arrival = deferred();
    const release = deferred();
    this.#plans.push({ what: `${verb} ${what}`, fault: { arrive: arrival.resolve, released: release.promise } });
    return { arrived: arrival.promise, release: release.resolve };
  }

  /**
   * Meets a request with the fault that waits for it. Resolves with what is to happen to the connection.
   *
   * @throws the status that was asked for.
   */
  async meet(verb: Verb, what: string): Promise<"cut" | "cutAfter" | undefined> {
    const index = this.#plans.findIndex((plan) => plan.what === `${verb} ${what}`);
    const [plan] = index === -1 ? [] : this.#plans.splice(index, 1);
    if (plan === undefined) return undefined;
    const { fault } = plan;
    if (typeof fault === "string") return fault;
    if (typeof fault === "number") throw statusError(fault, `a fault of the test: ${verb} ${what}`);
    if ("status" in fault) throw statusError(fault.status, fault.message);
    fault.arrive();
    await fault.released;
    return undefined;
  }
}

function statusError(status: number, message: string): StatusError {
  const details = status === 429 || status === 503 ? { retryAfterSeconds: 1 } : undefined;
  return new StatusError(status, reasons[status] ?? "Unknown", message, details);
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
