import { Agent, type IncomingMessage } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { buffer } from "node:stream/consumers";
import { inspect } from "node:util";
import { type Clock, errorMessage, fullJitterMs } from "@mayfly/service";
import Docker, { type ContainerCreateOptions, type ContainerInfo, type ContainerInspectInfo } from "dockerode";
import type { DockerAddress } from "./docker-address.ts";
import { isPassing, statusOf } from "./engine-error.ts";
import type { LogRange } from "./log-follower.ts";
import { readPull } from "./pull-progress.ts";

/** How long the engine may take for one answer, in milliseconds. */
const answerMs = 30_000;

type Query = Readonly<Record<string, string>>;

/** What is used of dockerode's own HTTP client; see {@link DockerEngine.untilEnded}. */
interface Dialer {
  dial(
    options: {
      readonly path: string;
      readonly method: string;
      readonly options: { readonly _query: Query; readonly _body: object };
      readonly isStream: true;
      readonly abortSignal: AbortSignal;
      readonly statusCodes: Readonly<Record<number, true | string>>;
    },
    callback: (error: unknown, answer: IncomingMessage) => void,
  ): void;
}

/** The requests to one Docker engine. Each ends: with an answer, an error, or when its time is over. */
export class DockerEngine {
  readonly #docker: Docker;
  readonly #agent: Agent;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  readonly #open = new Set<AbortController>();

  constructor(address: DockerAddress, clock: Clock) {
    this.#clock = clock;
    this.#agent = terse("host" in address ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true }));
    // What is left out here, the client would take from environment variables such as DOCKER_HOST.
    const explicit = { host: undefined, port: undefined, socketPath: undefined, timeout: undefined };
    const options = { ...explicit, ...address, protocol: "host" in address ? ("https" as const) : ("http" as const) };
    this.#docker = new Docker(Object.assign(options, { agent: this.#agent }));
  }

  /** Which engine it is, as long as its data live and its host is called so: hosts that were cloned share the id alone. */
  async id(): Promise<string> {
    const { ID, Name } = (await this.#ask(() => this.#docker.info())) as { readonly ID: string; readonly Name: string };
    return `${ID}@${Name}`;
  }

  /** Rejects when the engine does not answer within `timeoutMs`. */
  async ping(timeoutMs: number): Promise<void> {
    await this.#ask(() => this.#docker.ping(), { timeoutMs });
  }

  /** The paths at which an image declares volumes; none when the engine does not have it. */
  async volumesOf(image: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      const { Config } = await this.#ask(() => this.#docker.getImage(image).inspect(), { signal });
      return Object.keys(Config.Volumes ?? {});
    } catch (error) {
      if (statusOf(error) === 404) return [];
      throw error;
    }
  }

  /** Creates a container and resolves with its id. */
  async create(options: ContainerCreateOptions, signal: AbortSignal): Promise<string> {
    const ask = (abortSignal: AbortSignal) => this.#docker.createContainer({ ...options, abortSignal });
    return (await this.#ask(ask, { signal })).id;
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask((abortSignal) => this.#docker.getContainer(id).start({ abortSignal }), { signal }).catch(
      unless(304),
    );
  }

  /** @param name - a name or an id */
  async inspect(name: string, signal?: AbortSignal): Promise<ContainerInspectInfo> {
    return this.#ask((abortSignal) => this.#docker.getContainer(name).inspect({ abortSignal }), { signal });
  }

  async list(label: readonly string[]): Promise<readonly ContainerInfo[]> {
    const filters = { label: [...label] };
    return this.#ask((abortSignal) => this.#docker.listContainers({ all: true, filters, abortSignal }));
  }

  /** Sends a signal to the first process of a container. */
  async kill(id: string, name: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#ask((abortSignal) => this.#docker.getContainer(id).kill({ signal: name, abortSignal }));
  }

  /** Removes a container, running or not, with its anonymous volumes. @param name - a name or an id */
  async remove(name: string): Promise<void> {
    const ask = (abortSignal: AbortSignal) =>
      this.#docker.getContainer(name).remove({ force: true, v: true, abortSignal });
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#ask(ask);
        return;
      } catch (error) {
        if (statusOf(error) === 404) return;
        // Somebody else is removing it at this moment.
        if (statusOf(error) !== 409 || attempt === 10) throw error;
      }
      await this.pause(attempt);
    }
  }

  /**
   * Resolves when a container has ended; rejects when it is not there, and when the engine breaks off.
   *
   * The engine answers with a header at once and with the body at the end. dockerode's own `wait` would not notice a
   * connection that breaks between the two, and wait for ever; so the body is read here.
   */
  async untilEnded(id: string, signal: AbortSignal): Promise<void> {
    await buffer(await this.#stream("POST", `/containers/${encodeURIComponent(id)}/wait`, {}, signal));
  }

  /** The output of a container as frames with timestamps. */
  async logs(id: string, range: LogRange, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const { since, follows } = range;
    const wanted = { follow: follows ? "1" : "0", stdout: "1", stderr: "1", timestamps: "1" };
    const query = since === undefined ? wanted : { ...wanted, since };
    return this.#stream("GET", `/containers/${encodeURIComponent(id)}/logs`, query, signal);
  }

  /** Fetches an image; rejects when that fails at any time. */
  async pull(image: { readonly fromImage: string; readonly tag: string }, signal: AbortSignal): Promise<void> {
    await readPull(await this.#stream("POST", "/images/create", image, signal));
  }

  /** Asks again and again, with pauses, while the engine is away or fails; rejects with other errors, or after `limitMs`. */
  async persist<Answer>(limitMs: number, ask: () => Promise<Answer>): Promise<Answer> {
    const lastMs = this.#clock.monotonicMs() + limitMs;
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        if (!isPassing(error) || this.#clock.monotonicMs() >= lastMs) throw error;
      }
      const late = new AbortController();
      const timer = this.#clock.setTimer(lastMs - this.#clock.monotonicMs(), () => late.abort());
      await this.pause(attempt, late.signal);
      timer.cancel();
    }
  }

  /** The pause before asking again: up to 5 s, and over at once when `signal` fires. */
  async pause(attempt: number, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(fullJitterMs(attempt, { baseMs: 100, maxMs: 5_000 }), { signal });
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Ends all requests, and with them the connections. */
  close(): void {
    this.#closed.abort();
    for (const controller of this.#open) controller.abort(new Error("The connection to the engine has been closed."));
    this.#agent.destroy();
  }

  #stream(method: string, path: string, query: Query, abortSignal: AbortSignal): Promise<IncomingMessage> {
    const { modem } = this.#docker as { readonly modem: Dialer };
    const request = { path: `${path}?`, method, options: { _query: query, _body: {} }, isStream: true } as const;
    return new Promise((resolve, reject) => {
      modem.dial({ ...request, abortSignal, statusCodes: { 200: true } }, (error, answer) => {
        if (error === null || error === undefined) resolve(answer);
        else reject(error instanceof Error ? error : new Error(errorMessage(error)));
      });
    });
  }

  /** One request and its answer. An answer that never comes to its end counts as none. */
  async #ask<Answer>(
    ask: (signal: AbortSignal) => Promise<Answer>,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Answer> {
    const { timeoutMs = answerMs, signal } = options;
    const controller = new AbortController();
    const abort = (): void => controller.abort(signal?.reason);
    const timer = this.#clock.setTimer(timeoutMs, () =>
      controller.abort(new Error(`The engine did not answer within ${timeoutMs} ms.`)),
    );
    const given = new Promise<never>((_, reject) => {
      controller.signal.addEventListener("abort", () => reject(controller.signal.reason as Error));
    });
    this.#open.add(controller);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true || this.isClosed) abort();
    try {
      return await Promise.race([given, ask(controller.signal)]);
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
      this.#open.delete(controller);
    }
  }
}

/**
 * Has an agent printed as its name. dockerode's HTTP client prints the options of each request, to all depths and whether
 * or not anybody reads it; an agent has all connections in it, and what they carry: with eight containers that took a
 * scheduler 0.1 s of CPU time for each.
 */
function terse(agent: Agent): Agent {
  return Object.assign(agent, { [inspect.custom]: () => agent.constructor.name });
}

/** Takes an answer of this status for success. */
function unless(status: number): (error: unknown) => void {
  return (error) => {
    if (statusOf(error) !== status) throw error;
  };
}
