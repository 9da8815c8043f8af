import type { LogPiece } from "@mayfly/dispatcher";
import type { logEndSchema, logEventSchema } from "@mayfly/http-contract";
import type { Clock } from "@mayfly/service";
import type { z } from "zod";

/** After so long without a word a comment is sent, so that neither side nor a proxy takes the connection for dead. */
const silenceMs = 15_000;
const comment = ":\n\n";

/**
 * The pieces of a log as server-sent events (HTML Standard, "Server-sent events"), and an event `end` when nothing more
 * comes. Without one, which is when a log is not followed any more, the client is to come back.
 */
export async function* logEvents(
  pieces: AsyncGenerator<LogPiece, void, undefined>,
  options: { readonly follow: boolean; readonly clock: Clock },
): AsyncGenerator<string, boolean, undefined> {
  let last: LogPiece | undefined;
  try {
    for (let coming = pieces.next(); ; ) {
      const come = await inTime(coming, options.clock);
      if (come === undefined) {
        yield comment;
        continue;
      }
      if (come.done === true) break;
      last = come.value;
      const data: z.input<typeof logEventSchema> = { text: last.text };
      yield last.text === "" ? comment : event("log", last.next, data);
      coming = pieces.next();
    }
  } finally {
    await pieces.return();
  }
  if (last !== undefined && (last.isEnded || !options.follow)) {
    const data: z.input<typeof logEndSchema> = { done: last.isEnded };
    yield event("end", last.next, data);
  }
  return true;
}

function event(name: string, id: number, data: object): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** What comes, or undefined when nothing does for {@link silenceMs}. */
async function inTime<T>(coming: Promise<T>, clock: Clock): Promise<T | undefined> {
  const patience = new AbortController();
  try {
    return await Promise.race([coming, clock.sleep(silenceMs, { signal: patience.signal }).then(() => undefined)]);
  } finally {
    patience.abort();
  }
}
