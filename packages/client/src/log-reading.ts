import { logEndSchema, logEventSchema, routes } from "@mayfly/http-contract";
import { fullJitterMs } from "@mayfly/service";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { urlOf } from "./call.ts";
import { ClientError } from "./client-error.ts";
import { abortedBy, brokenBy, type Failure, failureOf, parseJson } from "./failure.ts";
import { Patience } from "./patience.ts";
import type { TransportOptions } from "./transport.ts";

/** A piece of a task's log, of whole characters. */
export interface LogPiece {
  readonly text: string;
  /** Where the log goes on, in bytes from its beginning: the `from` that follows this piece. */
  readonly next: number;
}

/** Three of the comments that the API sends while there is nothing to say have not come. */
const longestSilenceMs = 45_000;
/** A connection that has lasted so long had not failed. */
const lastingMs = 15_000;
/** A server that restarts is not back earlier. */
const shortestPauseMs = 1_000;
const route = routes.readTaskLog;

/** Reads the log of one task, over as many connections as it takes. */
export class LogReading {
  readonly #transport: TransportOptions;
  readonly #id: string;
  readonly #follow: boolean;
  readonly #signal: AbortSignal | undefined;
  #next: number;

  constructor(
    transport: TransportOptions,
    options: {
      readonly id: string;
      readonly from: number;
      readonly follow: boolean;
      readonly signal: AbortSignal | undefined;
    },
  ) {
    this.#transport = transport;
    this.#id = options.id;
    this.#follow = options.follow;
    this.#signal = options.signal;
    this.#next = options.from;
  }

  /** @throws ClientError */
  async *pieces(): AsyncGenerator<LogPiece, void, undefined> {
    const { clock, maxAttempts } = this.#transport;
    for (let failures = 1; ; failures++) {
      const from = this.#next;
      const openedMs = clock.monotonicMs();
      const failure = yield* this.#connection();
      if (failure === undefined) return;
      if (this.#next !== from || clock.monotonicMs() - openedMs >= lastingMs) failures = 0;
      const { error, repeatAfterMs } = failure;
      if (repeatAfterMs === undefined || failures >= maxAttempts) throw error;
      const jitterMs = fullJitterMs(Math.max(0, failures - 1), { baseMs: 500, maxMs: 10_000 });
      await clock.sleep(Math.max(repeatAfterMs, shortestPauseMs) + jitterMs, { signal: this.#signal });
    }
  }

  /** What comes over one connection. Returns undefined when the log has come to its end. */
  async *#connection(): AsyncGenerator<LogPiece, Failure | undefined, undefined> {
    const { fetch, clock, baseUrl, headers, timeoutMs } = this.#transport;
    const signal = this.#signal;
    if (signal?.aborted) return abortedBy(signal);
    const patience = new Patience({ clock, caller: signal });
    try {
      patience.begin(timeoutMs);
      const query = { from: this.#next, follow: String(this.#follow) };
      const response = await fetch(urlOf(baseUrl, { route, params: { id: this.#id }, query, canRepeat: true }), {
        headers: { ...headers, Accept: "text/event-stream" },
        signal: patience.signal,
      });
      if (response.body === null || !isEventStream(response)) {
        return failureOf(route, response, parseJson(await response.text()));
      }
      const body: ReadableStream<Uint8Array> = response.body;
      const chunks = body.getReader();
      const decoder = new TextDecoder();
      const messages: EventSourceMessage[] = [];
      const parser = createParser({ onEvent: (message) => messages.push(message) });
      for (;;) {
        patience.begin(longestSilenceMs);
        const { done, value } = await chunks.read();
        patience.rest();
        if (done) return brokenBy("the connection ended before the log did", { route, isLate: false, signal });
        parser.feed(decoder.decode(value, { stream: true }));
        for (const message of messages.splice(0)) {
          if (message.event === "end" && logEndSchema.safeParse(parseJson(message.data)).success) return undefined;
          if (message.event !== "log") continue;
          const piece = pieceOf(message);
          if (piece === undefined) return unexpected(response.status);
          this.#next = piece.next;
          yield piece;
          if (signal?.aborted) return abortedBy(signal);
        }
      }
    } catch (cause) {
      return brokenBy(cause, { route, isLate: patience.signal.aborted, signal });
    } finally {
      patience.end();
    }
  }
}

function isEventStream({ status, headers }: Response): boolean {
  return status === 200 && headers.get("Content-Type")?.split(";", 1)[0]?.trim() === "text/event-stream";
}

function pieceOf({ id, data }: EventSourceMessage): LogPiece | undefined {
  const event = logEventSchema.safeParse(parseJson(data)).data;
  if (event === undefined || id === undefined || !/^\d+$/.test(id)) return undefined;
  return { text: event.text, next: Number(id) };
}

function unexpected(status: number): Failure {
  const message = `${route.method} ${route.path} was answered with events that are not Mayfly's.`;
  return { error: new ClientError("unexpected_answer", message, { status }) };
}
