import type { Clock, Logger } from "@mayfly/service";
import { apiErrorOf, apiMessage, statusOf } from "./api-error.ts";
import { jsonLines } from "./json-lines.ts";
import type { JobApi, ListPage } from "./job-api.ts";
import type { RawMetadata } from "./job-object.ts";

/** Who hears of objects, and what a watch works with. */
export interface ObjectWatchParts<Seen> {
  readonly api: JobApi;
  /** Where the objects are listed. */
  readonly path: string;
  readonly labelSelector: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes from an object's JSON what is used of it. The rest is not kept, not even while a list is read. */
  readonly read: (object: object) => Seen;
  /** All there is: after the first list, and after each that was needed because a watch could not go on. */
  readonly onList: (objects: readonly Seen[]) => void;
  /** What is wrong. It goes on trying. */
  readonly onTrouble: (message: string) => void;
  /** An object that is new or has changed. */
  readonly onChange: (object: Seen) => void;
  /** An object that is there no more. */
  readonly onGone: (object: Seen) => void;
}

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: { readonly metadata: RawMetadata };
}

/** After this time the server ends a watch, and another one goes on where it was, in seconds. */
const watchSeconds = 60;

/** How long after that a watch may be silent that nobody has ended: its connection is dead, in milliseconds. */
const silenceMs = (watchSeconds + 15) * 1_000;

/** A watch that has lasted so long goes on at once when it ends, in milliseconds. */
const steadyMs = 5_000;

/**
 * Keeps up with all objects of one kind that have a label: lists them, watches from there on, goes on where it was when
 * the connection ends or breaks, and lists anew when the server has forgotten that point (410 Gone). See the Kubernetes
 * API, "Efficient detection of changes".
 */
export class ObjectWatch<Seen> {
  readonly #parts: ObjectWatchParts<Seen>;
  #seen: string | undefined;

  constructor(parts: ObjectWatchParts<Seen>) {
    this.#parts = parts;
  }

  /** Runs until `signal` fires, through outages of any length. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, clock, logger, path, onTrouble } = this.#parts;
    let attempt = 0;
    while (!signal.aborted && !api.server.isClosed) {
      const begunMs = clock.monotonicMs();
      try {
        this.#seen ??= await this.#list(signal);
        await this.#watch(this.#seen, signal);
      } catch (error) {
        if (signal.aborted || api.server.isClosed) return;
        // The server answers, but not from this point on: 410 when it has forgotten it, others after it was restored.
        if (statusOf(error) !== undefined) this.#seen = undefined;
        if (statusOf(error) !== 410) {
          logger.warn({ path, error: apiMessage(error) }, "watch broke off");
          onTrouble(apiMessage(error));
        }
      }
      attempt = clock.monotonicMs() - begunMs > steadyMs ? 0 : attempt + 1;
      await api.server.pause(attempt, signal);
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { api, path, labelSelector, read, onList } = this.#parts;
    const objects: Seen[] = [];
    let page: ListPage<object>;
    let token: string | undefined;
    do {
      page = await api.listPage(path, labelSelector, token, signal);
      for (const item of page.items) objects.push(read(item));
      token = page.metadata.continue;
    } while (token !== undefined && token !== "");
    onList(objects);
    return page.metadata.resourceVersion;
  }

  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { api, path, labelSelector, clock } = this.#parts;
    const query = {
      labelSelector,
      watch: "true",
      resourceVersion: from,
      allowWatchBookmarks: "true",
      timeoutSeconds: String(watchSeconds),
    };
    const stream = new AbortController();
    const abort = (): void => stream.abort(signal.reason);
    signal.addEventListener("abort", abort);
    const late = (): void => stream.abort(new Error(`A watch of ${path} has been silent for ${silenceMs} ms.`));
    let timer = clock.setTimer(silenceMs, late);
    try {
      for await (const event of jsonLines(api.server.stream({ method: "GET", path, query, signal: stream.signal }))) {
        timer.cancel();
        timer = clock.setTimer(silenceMs, late);
        if (signal.aborted) return;
        this.#take(event as WatchEvent);
      }
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", abort);
    }
  }

  #take({ type, object }: WatchEvent): void {
    if (type === "ERROR") throw apiErrorOf(500, object);
    const { read, onChange, onGone } = this.#parts;
    if (type === "DELETED") onGone(read(object));
    else if (type !== "BOOKMARK") onChange(read(object));
    this.#seen = object.metadata.resourceVersion;
  }
}
