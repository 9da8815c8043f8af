import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How an engine answers one route: `METHOD /path`, without the query. */
export type EngineRoutes = Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>>;

/** An engine that answers as it is told, for what a real one cannot be brought to do here. */
export interface EngineDouble extends AsyncDisposable {
  readonly socketPath: string;
  /** The requests that have come, as `METHOD /path?query`. */
  readonly requests: readonly string[];
}

/** Opens an {@link EngineDouble}; what has no route is answered with 404. */
export async function openEngineDouble(routes: EngineRoutes): Promise<EngineDouble> {
  const dir = await mkdtemp(join(tmpdir(), "mayfly-engine-"));
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    requests.push(`${method} ${url}`);
    request.resume().once("end", () => {
      const route = routes[`${method} ${url.split("?")[0] ?? ""}`];
      if (route === undefined) answer(response, 404, { message: "no such thing" });
      else route(response, request);
    });
  });
  const socketPath = join(dir, "engine.sock");
  server.listen(socketPath);
  await once(server, "listening");
  return {
    socketPath,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await rm(dir, { recursive: true });
    },
  };
}

/** Answers with JSON; several values become a line each. */
export function answer(response: ServerResponse, status: number, ...values: readonly object[]): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(values.map((value) => JSON.stringify(value)).join("\n"));
}
