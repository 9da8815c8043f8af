import type { ServerResponse } from "node:http";
import type { Clock } from "@mayfly/service";
import { StatusError } from "../status-error.ts";
import type { ApiObject } from "../store/api-object.ts";
import type { Change, ObjectStore } from "../store/object-store.ts";
import { apiVersionOf, kindOf } from "../store/resource-kind.ts";
import { sendError } from "./answer.ts";
import { filterOf, type ObjectFilter } from "./object-list.ts";
import type { RequestTarget } from "./request-target.ts";

/** How a watch is told that it comes too late: by the status of its answer, or by an event of type `ERROR`. */
export type ExpiryForm = "status" | "event";

/** What a watch works with. */
export interface WatchParts {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly target: RequestTarget;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
  readonly expiry: ExpiryForm;
}

type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

const bookmarkMs = 60_000;
/** The API server's own default is between 30 and 60 minutes. */
const defaultTimeoutMs = 1_800_000;

/**
 * A watch: one line of JSON for each change of what it selects, after the resource version that it was given, until its
 * time is over.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class WatchStream {
  readonly #parts: WatchParts;
  readonly #matches: ObjectFilter;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#matches = filterOf(parts.target, parts.query);
  }

  /** Answers the request. Returns at once; the answer goes on. */
  begin(): void {
    const { store, query, response, expiry } = this.#parts;
    let missed: readonly Change[];
    try {
      missed = this.#missed();
    } catch (error) {
      if (expiry === "status" || !(error instanceof StatusError) || error.code !== 410) {
        sendError(response, error);
        return;
      }
      this.#open();
      this.#send("ERROR", error.toStatus());
      response.end();
      return;
    }
    this.#open();
    const unsubscribe = store.subscribe((change) => this.#tell(change));
    const timers = [this.#timeout(), this.#bookmarks()];
    response.once("close", () => {
      unsubscribe();
      for (const cancel of timers) cancel();
    });
    const from = query.get("resourceVersion") ?? "";
    if (from === "" || from === "0") this.#sendPresent();
    for (const change of missed) this.#tell(change);
  }

  /** Tells how far the watch has come. */
  bookmark(): void {
    const { store, target, query } = this.#parts;
    if (query.get("allowWatchBookmarks") !== "true") return;
    const kind = kindOf(target.resource);
    const metadata = { resourceVersion: String(store.revision), creationTimestamp: null };
    this.#send("BOOKMARK", { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata });
  }

  #missed(): readonly Change[] {
    const { store, query } = this.#parts;
    const from = query.get("resourceVersion") ?? "";
    if (from === "" || from === "0") return [];
    if (!/^\d+$/.test(from)) throw StatusError.badRequest(`invalid resource version ${JSON.stringify(from)}`);
    return store.since(Number(from));
  }

  #open(): void {
    const { response } = this.#parts;
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
  }

  #sendPresent(): void {
    const { store, target } = this.#parts;
    for (const object of store.list(target.resource)) if (this.#matches(object)) this.#send("ADDED", object);
  }

  #tell({ resource, type, object, previous }: Change): void {
    if (resource !== this.#parts.target.resource) return;
    const matched = previous !== undefined && this.#matches(previous);
    const matches = type !== "DELETED" && this.#matches(object);
    // What enters or leaves the selection looks as if it were made or deleted.
    if (matches) this.#send(matched ? "MODIFIED" : "ADDED", object);
    else if (matched) this.#send("DELETED", object);
  }

  #send(type: EventType, object: ApiObject | object): void {
    this.#parts.response.write(`${JSON.stringify({ type, object })}\n`);
  }

  #timeout(): () => void {
    const { query, clock, response } = this.#parts;
    const seconds = Number(query.get("timeoutSeconds") ?? 0);
    const timer = clock.setTimer(seconds > 0 ? seconds * 1_000 : defaultTimeoutMs, () => {
      this.bookmark();
      response.end();
    });
    return () => timer.cancel();
  }

  #bookmarks(): () => void {
    const { clock } = this.#parts;
    const next = () => {
      this.bookmark();
      timer = clock.setTimer(bookmarkMs, next);
    };
    let timer = clock.setTimer(bookmarkMs, next);
    return () => timer.cancel();
  }
}
