import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { freePort } from "../../free-port.ts";

/** What a server shows to prove that it is itself, both as PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/** An HTTP server, or one of HTTPS, on 127.0.0.1 that can go away and come back on the same port. */
export class HttpListener {
  readonly port: number;
  readonly #server: Server;
  readonly #scheme: "http" | "https";
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, scheme: "http" | "https", port: number) {
    this.#server = server;
    this.#scheme = scheme;
    this.port = port;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Starts to listen on a free port; with a certificate, HTTPS is spoken there. */
  static async open(handle: RequestListener, certificate?: ServerCertificate): Promise<HttpListener> {
    const server = certificate === undefined ? createServer(handle) : createTlsServer(certificate, handle);
    const listener = new HttpListener(server, certificate === undefined ? "http" : "https", await freePort());
    await listener.listen();
    return listener;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  /** Cuts all connections and refuses new ones. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
