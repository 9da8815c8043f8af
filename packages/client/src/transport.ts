import { problemSchema, type Route, type RouteResponse } from "@mayfly/http-contract";
import { type Clock, errorMessage, fullJitterMs } from "@mayfly/service";
import { type Answer, type Call, urlOf } from "./call.ts";
import { ClientError } from "./client-error.ts";

/** What a {@link Transport} is made of. */
export interface TransportOptions {
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
}

/** What one attempt came to; `repeatAfterMs` is there when it is unknown whether the call took effect. */
type Attempt<R extends Route> =
  | { readonly answer: Answer<R> }
  | { readonly error: ClientError; readonly repeatAfterMs?: number };

/** The longest time that a server may make a client wait with `Retry-After`. */
const longestRetryAfterMs = 30_000;

/** Sends calls and checks answers; repeats what can be repeated while its outcome is unknown. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /**
   * Resolves with an answer that the route declares.
   *
   * @throws ClientError
   */
  async send<R extends Route>(call: Call<R>): Promise<Answer<R>> {
    const { clock, maxAttempts } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(call);
      if ("answer" in outcome) return outcome.answer;
      const { error, repeatAfterMs } = outcome;
      if (repeatAfterMs === undefined || !call.canRepeat || attempt >= maxAttempts) throw error;
      const jitterMs = fullJitterMs(attempt - 1, { baseMs: 200, maxMs: 5_000 });
      await clock.sleep(repeatAfterMs + jitterMs, { signal: call.signal });
    }
  }

  async #attempt<R extends Route>(call: Call<R>): Promise<Attempt<R>> {
    const { fetch, clock, baseUrl, headers, timeoutMs } = this.#options;
    const { route, signal } = call;
    if (signal?.aborted) return { error: abortedBy(signal) };
    const cut = new AbortController();
    const onCut = (): void => cut.abort();
    const timer = clock.setTimer(timeoutMs + (call.extraMs ?? 0), onCut);
    signal?.addEventListener("abort", onCut);
    try {
      const response = await fetch(urlOf(baseUrl, call), {
        method: route.method,
        headers: { ...headers, ...(call.body !== undefined && { "Content-Type": "application/json" }) },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        signal: cut.signal,
      });
      return readAttempt(route, response.status, response.headers, await response.text());
    } catch (cause) {
      if (signal?.aborted) return { error: abortedBy(signal) };
      const why = cut.signal.aborted ? "no answer in time" : errorMessage(cause);
      const error = new ClientError("unreachable", `${route.method} ${route.path} was not answered: ${why}.`, {
        cause,
      });
      return { error, repeatAfterMs: 0 };
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onCut);
    }
  }
}

function readAttempt<R extends Route>(route: R, status: number, headers: Headers, text: string): Attempt<R> {
  const declared: RouteResponse | undefined = route.responses[status];
  const body = parseJson(text);
  if (declared !== undefined) {
    const parsed = declared.schema?.safeParse(body);
    // The status is one of the route's, and the body has just been checked by the schema that goes with it.
    if (parsed === undefined || parsed.success) return { answer: { status, body: parsed?.data } as Answer<R> };
  }
  const problem = problemSchema.safeParse(body).data;
  const error =
    problem === undefined
      ? new ClientError(
          "unexpected_answer",
          `${route.method} ${route.path} was answered with ${status} and something that is not Mayfly's.`,
          { status },
        )
      : new ClientError(problem.code, problem.detail, { status, problem });
  // A gateway that has lost the server knows no more than one that cannot reach its store.
  return [502, 503, 504].includes(status) ? { error, repeatAfterMs: retryAfterMs(headers) } : { error };
}

function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get("Retry-After") ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds) * 1_000, longestRetryAfterMs) : 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function abortedBy(signal: AbortSignal): ClientError {
  return new ClientError("aborted", "The call was aborted by its caller.", { cause: signal.reason });
}
