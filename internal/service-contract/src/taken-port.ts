import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Takes a port of 127.0.0.1 away from a service that wants to listen there. */
export class TakenPort {
  readonly #port: number;
  #server: Server | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Listens on the port; one on which somebody listens already stays his. */
  async take(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer();
    server.listen(this.#port, "127.0.0.1");
    try {
      await once(server, "listening");
      this.#server = server;
    } catch {
      // The service has it: there is nothing to take away.
    }
  }

  /** Lets the port go. */
  async leave(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    await once(server, "close");
  }
}
