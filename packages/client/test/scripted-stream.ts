import type { SentRequest } from "./scripted-fetch.ts";

/** How a {@link ScriptedStream} ends once its chunks have been taken. */
export type StreamEnd = "closed" | "broken" | "open";

/** An answer of events that comes in the chunks that a test says. */
export class ScriptedStream {
  /** Whether its client has closed the connection before the server did. */
  isLeft = false;
  readonly #chunks: Uint8Array[];
  readonly #end: StreamEnd;

  constructor(chunks: readonly (string | Uint8Array)[], end: StreamEnd) {
    this.#chunks = chunks.map((chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
    this.#end = end;
  }

  readonly answer = ({ signal }: SentRequest): Response => {
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          signal?.addEventListener("abort", () => {
            if (this.#end === "open" || this.#chunks.length > 0) {
              this.isLeft = true;
              controller.error(new DOMException("This operation was aborted", "AbortError"));
            }
          });
        },
        pull: (controller) => {
          const chunk = this.#chunks.shift();
          if (chunk !== undefined) controller.enqueue(chunk);
          else if (this.#end === "closed") controller.close();
          else if (this.#end === "broken") controller.error(new TypeError("terminated"));
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
  };
}

/** Text of a log as the API sends it, up to the place `next`. */
export function said(text: string, next: number): string {
  return `event: log\nid: ${next}\ndata: ${JSON.stringify({ text })}\n\n`;
}

/** What comes last. */
export function ended(next: number, done = true): string {
  return `event: end\nid: ${next}\ndata: ${JSON.stringify({ done })}\n\n`;
}
