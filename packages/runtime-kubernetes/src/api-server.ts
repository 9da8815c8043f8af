import {
  Agent,
  type AgentOptions,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from "node:http";
import { Agent as TlsAgent, request as httpsRequest, type RequestOptions } from "node:https";
import { json } from "node:stream/consumers";
import { RuntimeError } from "@mayfly/runtime";
import { type Clock, fullJitterMs } from "@mayfly/service";
import { apiErrorOf, isPassing, statusOf } from "./api-error.ts";
import type { LoadedAccess } from "./cluster-access.ts";

/** One request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** From `/api` on, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  readonly body?: object | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How many requests are under way at most; others wait for their turn. */
const maxSockets = 32;

/** How long the server may take for one answer, or for the beginning of a stream, in milliseconds. */
const answerMs = 30_000;

/**
 * The HTTP of one cluster. Credentials, certificates and their renewal are the official client's (`KubeConfig`). Its
 * requests are not used: they open a connection each, and a log that breaks off ends the process, for nobody there
 * listens to the error.
 *
 * When the server refuses the credentials, they are read anew, for others may have taken their place.
 */
export class ApiServer {
  readonly #load: () => LoadedAccess;
  #access: LoadedAccess;
  readonly #agent: Agent;
  /** Watches and logs, which last, must not keep others from their turn. */
  readonly #streams: Agent;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  readonly #open = new Set<AbortController>();

  /** @throws what `load` throws, which is called again whenever the server answers 401 */
  constructor(load: () => LoadedAccess, clock: Clock) {
    this.#load = load;
    this.#access = load();
    this.#clock = clock;
    const create = (options: AgentOptions): Agent =>
      this.#access.server.startsWith("https:") ? new TlsAgent(options) : new Agent(options);
    this.#agent = create({ keepAlive: true, maxSockets });
    this.#streams = create({ keepAlive: true });
  }

  /**
   * Resolves with the JSON of the answer. Rejects with an ApiError for an answer that says no, with the reason of the
   * signal, and with another error when there is no answer within 30 s, or only a part of one.
   */
  async ask(request: ApiRequest): Promise<unknown> {
    const call = this.#begin(request.signal);
    try {
      return await json(await this.#send(request, this.#agent, call.signal));
    } catch (error) {
      throw call.signal.aborted ? call.signal.reason : error;
    } finally {
      call.end();
    }
  }

  /** Reads a body as it comes: a watch, or a log. Rejects as {@link ask} does, but the body may take any time. */
  async *stream(request: ApiRequest): AsyncGenerator<Buffer> {
    const call = this.#begin(request.signal);
    try {
      const answer = await this.#send(request, this.#streams, call.signal);
      call.relax();
      for await (const piece of answer) yield piece as Buffer;
    } catch (error) {
      throw call.signal.aborted ? call.signal.reason : error;
    } finally {
      call.end();
    }
  }

  /**
   * Asks again and again, with pauses, while the server is away or fails. Rejects with other errors, and after `limitMs`,
   * also when an answer is under way: the signal that `ask` gets fires then.
   */
  async persist<Answer>(limitMs: number, ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const limit = new AbortController();
    let problem: unknown = new Error(`The API server did not answer within ${limitMs} ms.`);
    const timer = this.#clock.setTimer(limitMs, () => limit.abort(problem));
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await ask(limit.signal);
        } catch (error) {
          if (!isPassing(error) || this.isClosed || limit.signal.aborted) throw error;
          problem = error;
        }
        await this.pause(attempt, limit.signal);
        if (limit.signal.aborted) throw problem;
      }
    } finally {
      timer.cancel();
    }
  }

  /** The pause before asking again: up to 5 s, and over at once when `signal` fires. */
  async pause(attempt: number, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(this.pauseMs(attempt), { signal });
  }

  /** How long the pause before asking again is this time, in milliseconds. */
  pauseMs(attempt: number): number {
    return fullJitterMs(attempt, { baseMs: 100, maxMs: 5_000 });
  }

  /** The namespace that the credentials are for. */
  get namespace(): string {
    return this.#access.namespace;
  }

  /** @throws RuntimeError when it has been closed */
  requireOpen(): void {
    if (this.isClosed) throw closedError();
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Ends all requests, and with them the connections. */
  close(): void {
    this.#closed.abort();
    for (const controller of this.#open) controller.abort(closedError());
    this.#agent.destroy();
    this.#streams.destroy();
  }

  async #send(request: ApiRequest, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> {
    const access = this.#access;
    try {
      return await this.#sendAs(access, request, agent, signal);
    } catch (error) {
      if (statusOf(error) !== 401) throw error;
      this.#renew(access);
      if (access === this.#access) throw error;
      return await this.#sendAs(this.#access, request, agent, signal);
    }
  }

  /** Reads the credentials anew, unless another request has done so since `refused` was used. */
  #renew(refused: LoadedAccess): void {
    if (refused !== this.#access) return;
    try {
      const loaded = this.#load();
      // What is for another cluster is told to none but that one.
      if (loaded.server === refused.server) this.#access = loaded;
    } catch {
      // The file may be half written; the next answer of this kind has it read again.
    }
  }

  async #sendAs(
    { kubeConfig, server }: LoadedAccess,
    { method, path, query = {}, body }: ApiRequest,
    agent: Agent,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const url = new URL(server.replace(/\/$/, "") + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const options: RequestOptions = { method, signal };
    await withinReach(kubeConfig.applyToHTTPSOptions(options), signal);
    // Its own agent keeps no connections; but one that goes through a proxy is needed.
    if (kubeConfig.getCurrentCluster()?.proxyUrl === undefined) options.agent = agent;
    const text = body === undefined ? undefined : JSON.stringify(body);
    options.headers = {
      ...(options.headers as OutgoingHttpHeaders | undefined),
      accept: "application/json",
      ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = url.protocol === "https:" ? httpsRequest : httpRequest;
      send(url, options, resolve).on("error", reject).end(text);
    });
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw apiErrorOf(status, await json(answer).catch(() => undefined));
  }

  #begin(given: AbortSignal | undefined): { readonly signal: AbortSignal; relax(): void; end(): void } {
    const controller = new AbortController();
    const abort = (): void => controller.abort(given?.reason);
    const late = (): void => controller.abort(new Error(`The API server did not answer within ${answerMs} ms.`));
    const timer = this.#clock.setTimer(answerMs, late);
    this.#open.add(controller);
    given?.addEventListener("abort", abort);
    if (given?.aborted === true) abort();
    if (this.isClosed) controller.abort(closedError());
    return {
      signal: controller.signal,
      relax: () => timer.cancel(),
      end: () => {
        timer.cancel();
        given?.removeEventListener("abort", abort);
        this.#open.delete(controller);
      },
    };
  }
}

/** A program that gets the credentials may hang: then the request ends when `signal` fires. */
async function withinReach(credentials: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const given = new AbortController();
  const fired = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), given));
  await Promise.race([credentials, fired]);
  given.abort();
  signal.throwIfAborted();
}

function closedError(): RuntimeError {
  return new RuntimeError("runtime", "The connection to the cluster has been closed.");
}
