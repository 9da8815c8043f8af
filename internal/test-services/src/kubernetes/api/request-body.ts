import type { IncomingMessage } from "node:http";
import { StatusError } from "../status-error.ts";

/** As the API server's own limit. */
const longestBody = 3 * 1024 * 1024;

/**
 * Reads the JSON of a request; undefined when it has no body.
 *
 * @throws 413, 415 or `BadRequest`
 */
export async function readJson(request: IncomingMessage, mediaTypes: readonly string[]): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same, so that the client hears the answer.
    if (length <= longestBody) chunks.push(chunk);
  }
  if (length > longestBody)
    throw new StatusError(413, "RequestEntityTooLarge", `Request entity too large: limit is ${longestBody}`);
  if (length === 0) return undefined;
  if (!mediaTypes.includes(mediaTypeOf(request)))
    throw new StatusError(
      415,
      "UnsupportedMediaType",
      `the body of the request was in an unknown format - accepted media types include: ${mediaTypes.join(", ")}`,
    );
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw StatusError.badRequest(`the object provided is unrecognized (must be of type JSON): ${String(error)}`);
  }
}

/** The media type of a body, without parameters; JSON when none is said. */
export function mediaTypeOf({ headers }: IncomingMessage): string {
  return headers["content-type"]?.split(";")[0]?.trim() ?? "application/json";
}
