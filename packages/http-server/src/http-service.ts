import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, Lifecycle, type Logger, type Service, silentLogger, systemClock } from "@mayfly/service";
import { OpenConnections } from "./open-connections.ts";

/** What an {@link HttpService} is made of. */
export interface HttpServiceOptions {
  /** Makes what answers the requests. `drain` fires when the service is being stopped. Called once for each start. */
  readonly listener: (drain: AbortSignal) => RequestListener;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** Where to listen. @defaultValue 127.0.0.1 */
  readonly host?: string | undefined;
  /** 0: any that is free. @defaultValue 8700 */
  readonly port?: number | undefined;
  /** How long a client may take to send the headers of a request, in milliseconds. @defaultValue 10,000 */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a client may take to send a whole request, in milliseconds. @defaultValue 60,000 */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a connection may be idle between requests, in milliseconds. @defaultValue 65,000 */
  readonly keepAliveMs?: number | undefined;
  /**
   * How long a stop goes on answering before it accepts no more, in milliseconds, so that whoever asks for its readiness
   * hears that it drains and sends nothing more. @defaultValue 0
   */
  readonly lingerMs?: number | undefined;
  /** How long a stop waits for the answers under way, in milliseconds. @defaultValue 10,000 */
  readonly stopGraceMs?: number | undefined;
}

/** Where an {@link HttpService} listens. */
export interface HttpAddress {
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end: `http://127.0.0.1:8700`. */
  readonly url: string;
}

interface Running {
  readonly server: Server;
  readonly drain: AbortController;
  readonly connections: OpenConnections;
}

/**
 * Listens for HTTP requests.
 *
 * `start` resolves when it listens and rejects with Node's error when the address is taken. `stop` goes on for `lingerMs`,
 * then accepts no further connection, answers the requests under way, ends idle connections, and after `stopGraceMs` cuts what is left.
 */
export class HttpService implements Service {
  readonly #options: HttpServiceOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lifecycle = new Lifecycle();
  #running: Running | undefined;

  constructor(options: HttpServiceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
  }

  /** Where it listens; undefined unless it does. */
  get address(): HttpAddress | undefined {
    const address = this.#running?.server.address() as AddressInfo | null | undefined;
    if (address === null || address === undefined) return undefined;
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return { host: address.address, port: address.port, url: `http://${host}:${address.port}` };
  }

  /** Listens. */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      const drain = new AbortController();
      const server = this.#createServer(drain.signal);
      const connections = new OpenConnections(server);
      await listen(server, this.#options.host ?? "127.0.0.1", this.#options.port ?? 8700);
      // Such as too many open files: the connection is lost, the service is not.
      server.on("error", (error) => this.#logger.error({ error: error.message }, "HTTP connection not accepted"));
      this.#running = { server, drain, connections };
      this.#logger.info({ ...this.address }, "listening for HTTP requests");
    });
  }

  /** Stops listening; see the class. */
  stop(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      const running = this.#running;
      if (running === undefined) return;
      running.drain.abort();
      const lingerMs = this.#options.lingerMs ?? 0;
      if (lingerMs > 0) await this.#clock.sleep(lingerMs);
      const closed = new Promise<void>((resolve) => running.server.close(() => resolve()));
      running.connections.drain();
      const cut = this.#clock.setTimer(this.#options.stopGraceMs ?? 10_000, () => {
        this.#logger.warn({}, "cutting HTTP connections that did not end in time");
        running.server.closeAllConnections();
      });
      await closed;
      cut.cancel();
      this.#running = undefined;
    });
  }

  /** {@link HttpService.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #createServer(drain: AbortSignal): Server {
    return createServer(
      {
        headersTimeout: this.#options.headersTimeoutMs ?? 10_000,
        requestTimeout: this.#options.requestTimeoutMs ?? 60_000,
        // A follower whose host has vanished says nothing, and what it follows may say nothing either.
        keepAlive: true,
        keepAliveInitialDelay: 30_000,
        keepAliveTimeout: this.#options.keepAliveMs ?? 65_000,
      },
      this.#options.listener(drain),
    );
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
