import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { Lifecycle, type Service } from "@mayfly/service";

/**
 * Answers `GET /healthz` (the process is up) and `GET /readyz` (it does its work) for a process that has no HTTP API of
 * its own. Without a port it does nothing.
 */
export class HealthServer implements Service {
  readonly #host: string;
  readonly #port: number | undefined;
  readonly #isReady: () => boolean | Promise<boolean>;
  readonly #lifecycle = new Lifecycle();
  #server: Server | undefined;

  /** @param options - `isReady` is asked at each request; it must not reject */
  constructor(options: {
    readonly host: string;
    readonly port: number | undefined;
    readonly isReady: () => boolean | Promise<boolean>;
  }) {
    this.#host = options.host;
    this.#port = options.port;
    this.#isReady = options.isReady;
  }

  /** Listens. @throws when the port is taken */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      if (this.#port === undefined) return;
      const server = createServer((request, response) => {
        void this.#answer(request.url, response);
      });
      server.listen(this.#port, this.#host);
      this.#server = server;
      await once(server, "listening");
    });
  }

  /** Closes every connection. */
  stop(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      const server = this.#server;
      this.#server = undefined;
      if (server === undefined) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #answer(url: string | undefined, response: ServerResponse): Promise<void> {
    const status = await this.#statusOf(url);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: status === 200 ? "ok" : status === 404 ? "not found" : "unavailable" }));
  }

  async #statusOf(url: string | undefined): Promise<number> {
    if (url === "/healthz") return 200;
    if (url === "/readyz") return (await this.#isReady()) ? 200 : 503;
    return 404;
  }
}
