import { request } from "node:http";
import { text } from "node:stream/consumers";

/**
 * Asks a Docker engine and resolves with the text of its answer; rejects when it reports an error, also while it works.
 *
 * @param body - a string is JSON, a buffer an archive
 */
export async function askEngine(
  socketPath: string,
  method: string,
  path: string,
  body: string | Buffer = "",
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const type = typeof body === "string" ? "application/json" : "application/x-tar";
    const headers = { "content-type": type, "content-length": Buffer.byteLength(body) };
    // Without an agent the connection is closed after the answer.
    const asked = request({ socketPath, method, path, headers, agent: false }, (response) => {
      const isError = (response.statusCode ?? 500) >= 400;
      text(response).then((answer) => {
        if (isError || answer.includes('"errorDetail"')) reject(new Error(`${method} ${path}: ${answer.trim()}`));
        else resolve(answer);
      }, reject);
    });
    asked.once("error", reject).end(body);
  });
}
