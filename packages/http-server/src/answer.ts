import type { ServerResponse } from "node:http";
import type { ApiAnswer } from "./handler.ts";
import type { HttpProblem } from "./http-problem.ts";

/** What every answer says, unless it says something else of the same. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

/** Sends a success. */
export function sendAnswer(response: ServerResponse, answer: ApiAnswer): void {
  send(response, answer.status, answer.headers, "application/json", answer.body);
}

/** Sends a problem, unless an answer has been begun. */
export function sendProblem(response: ServerResponse, problem: HttpProblem): void {
  if (response.headersSent) response.destroy();
  else send(response, problem.status, problem.headers, "application/problem+json", problem.toJSON());
}

/** Through Node alone: what Express would add (ETag, X-Powered-By) depends on the app that the router is mounted in. */
function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> | undefined,
  mediaType: string,
  body: unknown,
): void {
  response.removeHeader("X-Powered-By");
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...securityHeaders,
    ...headers,
    ...(bytes && { "Content-Type": mediaType, "Content-Length": bytes.length }),
  });
  response.end(bytes);
}
