import type { LogPiece } from "@mayfly/dispatcher";
import { logNextHeader } from "@mayfly/http-contract";
import type { Clock } from "@mayfly/service";
import type { ApiDispatcher } from "./api-dispatcher.ts";
import type { Handlers } from "./handler.ts";
import { logEvents } from "./log-events.ts";

/** What answers everything about the logs of tasks. */
export function logHandlers(dispatcher: ApiDispatcher, clock: Clock): Handlers<"readTaskLog"> {
  return {
    async readTaskLog({ params, query, headers, mediaType, signal }) {
      const { follow } = query;
      const from = headers["Last-Event-ID"] ?? query.from;
      // What is there is soon read: only who follows can be told to come back.
      const pieces = dispatcher.logs(params.id, { from, follow, signal: follow ? signal : undefined });
      if (mediaType === "text/event-stream") {
        return { status: 200, mediaType, text: logEvents(pieces, { follow, clock }) };
      }
      if (follow) return { status: 200, mediaType, text: textOf(pieces) };
      const { text, next } = await whole(pieces, from);
      return { status: 200, mediaType, headers: { [logNextHeader]: String(next) }, text };
    },
  };
}

/** The log as it comes; it has come to its end only if the task has. */
async function* textOf(pieces: AsyncGenerator<LogPiece>): AsyncGenerator<string, boolean, undefined> {
  let isEnded = false;
  for await (const piece of pieces) {
    isEnded = piece.isEnded;
    yield piece.text;
  }
  return isEnded;
}

async function whole(pieces: AsyncGenerator<LogPiece>, from: number): Promise<{ text: string; next: number }> {
  let text = "";
  let next = from;
  for await (const piece of pieces) {
    text += piece.text;
    next = piece.next;
  }
  return { text, next };
}
