import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Passes connections on to a server of this host, until it is told to leave them standing without a word. */
export class MutingProxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server;
  #accepted = 0;

  constructor(targetPort: number) {
    this.#server = createServer((client) => {
      this.#accepted++;
      const target = connect(targetPort, "127.0.0.1");
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
      }
      client.pipe(target).pipe(client);
    });
  }

  /** How many connections there have been. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Resolves with the port on which it listens. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing passes on the connections that there are; later ones are passed on. */
  mute(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
