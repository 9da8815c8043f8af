import type { ServerResponse } from "node:http";
import { securityHeaders } from "./answer.ts";
import type { TextAnswer } from "./handler.ts";

/** What keeps proxies and middleware from collecting what is to be seen as it comes. */
const streamHeaders = { "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" };

/** How long a client may take nothing of what it asked for, in milliseconds. */
const idleMs = 60_000;

/**
 * Sends a success that is text. What comes piece by piece is taken only as fast as the client takes it. Rejects, with
 * nothing sent, when the first piece fails; one that fails later is for the caller to cut.
 *
 * @param signal - fires when the client is gone or is to go
 */
export async function sendText(response: ServerResponse, answer: TextAnswer, signal: AbortSignal): Promise<void> {
  const { text } = answer;
  if (typeof text === "string") {
    const bytes = Buffer.from(text);
    writeHead(response, answer, { "Content-Length": String(bytes.length) });
    response.end(bytes);
    return;
  }
  try {
    let piece = await text.next();
    writeHead(response, answer, streamHeaders);
    response.flushHeaders();
    while (piece.done !== true) {
      if (response.req.method === "HEAD") {
        response.end();
        return;
      }
      if (response.destroyed) return;
      if (piece.value !== "" && !response.write(piece.value)) await untilTaken(response, signal);
      piece = await text.next();
    }
    if (piece.value) response.end();
    else response.destroy();
  } finally {
    await text.return(false);
  }
}

function writeHead(response: ServerResponse, answer: TextAnswer, headers: Readonly<Record<string, string>>): void {
  response.removeHeader("X-Powered-By");
  response.writeHead(answer.status, {
    ...securityHeaders,
    ...headers,
    ...answer.headers,
    "Content-Type": `${answer.mediaType}; charset=utf-8`,
  });
}

/** Resolves when the client has taken what was written; a client that takes nothing for a minute, or is to go, is cut. */
function untilTaken(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      response.off("drain", end).off("close", end).off("timeout", cut);
      signal.removeEventListener("abort", cut);
      response.setTimeout(0);
      resolve();
    };
    const cut = (): void => {
      response.destroy();
      end();
    };
    response.on("drain", end).on("close", end).on("timeout", cut);
    signal.addEventListener("abort", cut);
    response.setTimeout(idleMs);
    if (signal.aborted) cut();
  });
}
