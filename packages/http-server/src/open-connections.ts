import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The connections of one server, each with the answers that are under way on it. Node's own `closeIdleConnections`
 * leaves those on which nothing has been asked yet, as browsers open them in advance; they would hold up a stop.
 */
export class OpenConnections {
  readonly #answersUnderWay = new Map<Socket, Set<ServerResponse>>();
  #isDraining = false;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#answersUnderWay.set(socket, new Set());
      socket.once("close", () => this.#answersUnderWay.delete(socket));
    });
    server.prependListener("request", (request: IncomingMessage, response: ServerResponse) =>
      this.#follow(request.socket, response),
    );
  }

  /** Ends each connection as soon as nothing is under way on it, from now on. */
  drain(): void {
    this.#isDraining = true;
    for (const [socket, answers] of this.#answersUnderWay) {
      if (answers.size === 0) socket.destroy();
      for (const answer of answers) answer.shouldKeepAlive = false;
    }
  }

  #follow(socket: Socket, response: ServerResponse): void {
    const answers = this.#answersUnderWay.get(socket);
    if (answers === undefined) return;
    answers.add(response);
    if (this.#isDraining) response.shouldKeepAlive = false;
    response.once("close", () => {
      answers.delete(response);
      if (this.#isDraining && answers.size === 0) socket.destroySoon();
    });
  }
}
