import { once } from "node:events";
import { createServer, type Server } from "node:http";

/** What little of a Docker engine's API is asked before any task: who it is, whether it is up, what runs on it. */
export class EngineDouble implements AsyncDisposable {
  /** The paths that were asked for. */
  readonly asked: string[] = [];
  isWell = true;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? "";
      this.asked.push(path);
      response.statusCode = this.isWell ? 200 : 503;
      response.setHeader("content-type", "application/json");
      response.end(
        path.includes("/info") ? '{"ID":"engine-1","Name":"host-1"}' : path.includes("/_ping") ? '"OK"' : "[]",
      );
    });
  }

  /** Listens on a socket of this host. */
  static async listen(socketPath: string): Promise<EngineDouble> {
    const double = new EngineDouble();
    double.#server.listen(socketPath);
    await once(double.#server, "listening");
    return double;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
