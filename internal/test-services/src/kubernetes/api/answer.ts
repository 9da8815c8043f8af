import type { ServerResponse } from "node:http";
import { StatusError } from "../status-error.ts";

/** Sends an answer of JSON. */
export function sendJson(response: ServerResponse, code: number, body: object, warnings: readonly string[] = []): void {
  for (const warning of warnings) response.appendHeader("warning", `299 - ${JSON.stringify(warning)}`);
  response.writeHead(code, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}

/** Sends what went wrong as a `Status`. */
export function sendError(response: ServerResponse, error: unknown): void {
  const status = error instanceof StatusError ? error : new StatusError(500, "InternalError", String(error));
  const { retryAfterSeconds } = status.details ?? {};
  if (retryAfterSeconds !== undefined) response.setHeader("retry-after", retryAfterSeconds);
  sendJson(response, status.code, status.toStatus());
}
