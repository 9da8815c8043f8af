import type { IncomingMessage } from "node:http";
import { HttpProblem } from "./http-problem.ts";

/**
 * The body of a request as JSON; undefined when it has none (no bytes). Reads at most `maxBytes`, and no compressed
 * body, so that nothing large is ever unpacked from something small.
 *
 * @throws HttpProblem `too_large`, `unsupported_media_type`, `malformed_json`
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) return undefined;
  checkMediaType(request);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new HttpProblem("malformed_json", "The body is not UTF-8. Send JSON in UTF-8.", { cause: error });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new HttpProblem("malformed_json", "The body cannot be parsed. Send JSON.", { cause: error });
  }
}

function checkMediaType(request: IncomingMessage): void {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding.trim().toLowerCase() !== "identity") {
    throw new HttpProblem(
      "unsupported_media_type",
      "The body is compressed. Send it as it is, without Content-Encoding.",
    );
  }
  const contentType = request.headers["content-type"] ?? "";
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase();
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]?.toLowerCase() ?? "utf-8";
  if (mediaType !== "application/json" || !["utf-8", "utf8"].includes(charset)) {
    throw new HttpProblem(
      "unsupported_media_type",
      "The body is not declared as JSON. Send Content-Type: application/json.",
    );
  }
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): HttpProblem =>
    new HttpProblem("too_large", `The body is longer than ${maxBytes} bytes. Send less at a time.`);
  return new Promise((resolve, reject) => {
    if (request.readableEnded) {
      reject(new Error("The body was read before Mayfly's router: mount the router before any body parser."));
      return;
    }
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (answer: () => void): void => {
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      answer();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) settle(() => reject(tooLarge()));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks, size)));
    const onClose = (): void =>
      settle(() => reject(new HttpProblem("malformed_json", "The connection ended before the body did.")));
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}
