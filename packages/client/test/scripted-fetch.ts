/** One request that was sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

/** What a request is answered with: an error is what a broken connection looks like. */
export type Script = Response | Error | ((request: SentRequest) => Promise<Response> | Response);

/** A `fetch` that answers from a list, the last entry again and again, and remembers what was sent. */
export class ScriptedFetch {
  readonly requests: SentRequest[] = [];
  readonly #script: Script[];

  constructor(...script: Script[]) {
    this.#script = script;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request: SentRequest = {
      method: init?.method ?? "GET",
      url: input instanceof Request ? input.url : input.toString(),
      headers: new Headers(init?.headers),
      body: typeof init?.body === "string" ? JSON.parse(init.body) : undefined,
      signal: init?.signal ?? undefined,
    };
    this.requests.push(request);
    const next = this.#script.length > 1 ? this.#script.shift() : this.#script[0];
    if (next === undefined) throw new Error("The script is empty.");
    if (next instanceof Error) throw next;
    return next instanceof Response ? next.clone() : next(request);
  };
}

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}

/** A problem of the API. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = { type: `urn:mayfly:problem:${code}`, title: code, status, detail: `It is ${code}.`, code };
  return json(status, body, { "Content-Type": "application/problem+json", ...headers });
}
