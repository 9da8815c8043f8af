import type { Route, RouteResponse } from "@mayfly/http-contract";
import { type Clock, fullJitterMs } from "@mayfly/service";
import { type Answer, type Call, urlOf } from "./call.ts";
import { abortedBy, brokenBy, type Failure, failureOf, parseJson } from "./failure.ts";
import { Patience } from "./patience.ts";

/** What a {@link Transport} is made of. */
export interface TransportOptions {
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
}

/** What one attempt came to. */
type Attempt<R extends Route> = { readonly answer: Answer<R> } | Failure;

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
    if (signal?.aborted) return abortedBy(signal);
    const patience = new Patience({ clock, caller: signal });
    patience.begin(timeoutMs + (call.extraMs ?? 0));
    try {
      const response = await fetch(urlOf(baseUrl, call), {
        method: route.method,
        headers: { ...headers, ...(call.body !== undefined && { "Content-Type": "application/json" }) },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        signal: patience.signal,
      });
      return readAttempt(route, response, await response.text());
    } catch (cause) {
      return brokenBy(cause, { route, isLate: patience.signal.aborted, signal });
    } finally {
      patience.end();
    }
  }
}

function readAttempt<R extends Route>(route: R, response: Response, text: string): Attempt<R> {
  const { status } = response;
  const declared: RouteResponse | undefined = route.responses[status];
  const body = parseJson(text);
  if (declared !== undefined) {
    const parsed = declared.schema?.safeParse(body);
    // The status is one of the route's, and the body has just been checked by the schema that goes with it.
    if (parsed === undefined || parsed.success) return { answer: { status, body: parsed?.data } as Answer<R> };
  }
  return failureOf(route, response, body);
}
