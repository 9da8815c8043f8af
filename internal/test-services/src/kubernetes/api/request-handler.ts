import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClusterApi } from "../cluster-api.ts";
import type { Kubelet } from "../kubelet/kubelet.ts";
import { StatusError } from "../status-error.ts";
import type { ApiObject } from "../store/api-object.ts";
import { FieldSelector } from "../store/field-selector.ts";
import type { Access } from "./access.ts";
import { sendError, sendJson } from "./answer.ts";
import { containerOf, sendLog } from "./log-stream.ts";
import { filterOf, listObjects } from "./object-list.ts";
import { createObject, deleteObject, evictPod, patchObject, replaceObject, type WriteAnswer } from "./object-writes.ts";
import type { RequestFaults } from "./request-faults.ts";
import { mediaTypeOf, readJson } from "./request-body.ts";
import { parseTarget, type RequestTarget } from "./request-target.ts";
import { type Verb, verbOf } from "./verb.ts";
import { type ExpiryForm, WatchStream } from "./watch-stream.ts";

/** What a handler works with. */
export interface HandlerParts {
  readonly api: ClusterApi;
  readonly kubelet: Kubelet;
  readonly access: Access;
  readonly faults: RequestFaults;
}

/** One request, taken apart. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly target: RequestTarget;
  readonly verb: Verb;
}

const version = { major: "1", minor: "31", gitVersion: "v1.31.0-mayfly", platform: "linux/amd64" };

const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

/** Which subresources there are, with the verbs that they know. */
const subresources: Readonly<Record<string, readonly Verb[]>> = {
  "jobs/status": ["get", "update", "patch"],
  "pods/status": ["get", "update", "patch"],
  "pods/log": ["get"],
  "pods/eviction": ["create"],
};

/** Answers requests as an API server of Kubernetes 1.31 does, for the resources that it has. */
export class RequestHandler {
  /** How a watch learns that it comes too late. */
  expiry: ExpiryForm = "event";
  readonly #parts: HandlerParts;
  readonly #watches = new Map<ServerResponse, WatchStream>();
  readonly #logs = new Set<ServerResponse>();

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  /** The answers that go on: watches, and logs. */
  open(kind: "watches" | "logs"): readonly ServerResponse[] {
    return kind === "watches" ? [...this.#watches.keys()] : [...this.#logs];
  }

  /** Tells all watches that want it how far they have come. */
  sendBookmarks(): void {
    for (const watch of this.#watches.values()) watch.bookmark();
  }

  /** Answers one request. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#handle(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { access, faults } = this.#parts;
    const url = new URL(request.url ?? "/", "http://localhost");
    if (sendUnprotected(url.pathname, response)) return;
    const account = access.authenticate(request.headers.authorization);
    const target = parseTarget(url.pathname);
    if (target === undefined)
      throw new StatusError(404, "NotFound", "the server could not find the requested resource");
    const verb = verbOf(request.method ?? "", target, url.searchParams);
    const what = target.subresource === undefined ? target.resource : `${target.resource}/${target.subresource}`;
    if (verb === undefined || !isKnown(target, verb, what))
      throw new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    access.authorize(account, { ...target, verb, name: target.name ?? selectedName(target, url.searchParams) });
    const fate = await faults.meet(verb, what);
    if (fate === "cut") {
      response.destroy();
      return;
    }
    // The answer is lost on its way: what was asked for has been done.
    if (fate === "cutAfter") response.end = () => response.destroy();
    await this.#answer({ request, response, query: url.searchParams, target, verb });
  }

  async #answer(call: Call): Promise<void> {
    const { response, query, target, verb } = call;
    const { api } = this.#parts;
    if (query.has("dryRun")) throw StatusError.badRequest("dryRun is not supported by this server for tests");
    switch (verb) {
      case "get":
        if (target.subresource === "log") await this.#sendLog(call);
        else sendJson(response, 200, this.#present(target));
        break;
      case "list":
        sendJson(response, 200, listObjects(api.store, target, query));
        break;
      case "watch":
        this.#watch(call);
        break;
      case "create":
      case "update":
      case "patch":
      case "delete":
        this.#send(response, await this.#write(call));
        break;
      case "deletecollection":
        this.#deleteAll(call);
        break;
    }
  }

  async #write({ request, query, target, verb }: Call): Promise<WriteAnswer> {
    const { api } = this.#parts;
    const { resource, namespace = "", name = "", subresource } = target;
    const body = await readJson(request, verb === "patch" ? patchTypes : ["application/json"]);
    if (subresource === "eviction") return evictPod(api, namespace, name, body);
    if (verb === "create") return createObject(api, resource, namespace, body);
    const present = this.#present(target);
    const part = subresource === "status" ? "status" : "main";
    if (verb === "delete") return deleteObject(api, resource, present, query, body);
    if (verb === "update") return replaceObject(api, resource, present, part, body);
    return patchObject(api, resource, present, part, body, mediaTypeOf(request));
  }

  #send(response: ServerResponse, { code, body, warnings }: WriteAnswer): void {
    sendJson(response, code, body, warnings);
  }

  #present({ resource, namespace = "", name = "" }: RequestTarget): ApiObject {
    return this.#parts.api.get(resource, namespace, name);
  }

  #deleteAll({ response, query, target }: Call): void {
    const { api } = this.#parts;
    const list = listObjects(api.store, target, query);
    const chosen = api.store.list(target.resource).filter(filterOf(target, query));
    for (const object of chosen) api.delete(target.resource, object, { propagationPolicy: "Background" });
    sendJson(response, 200, list);
  }

  #watch({ response, query, target }: Call): void {
    const { api } = this.#parts;
    const { store, clock } = api;
    const watch = new WatchStream({ store, clock, target, query, response, expiry: this.expiry });
    this.#watches.set(response, watch);
    response.once("close", () => this.#watches.delete(response));
    watch.begin();
  }

  async #sendLog({ response, query, target }: Call): Promise<void> {
    const { api, kubelet } = this.#parts;
    const pod = api.get("pods", target.namespace ?? "", target.name ?? "");
    const container = containerOf(pod, query);
    const log = kubelet.logOf(pod, container);
    if (log === undefined) throw StatusError.notFound("pods", pod.metadata.name);
    this.#logs.add(response);
    response.once("close", () => this.#logs.delete(response));
    await sendLog(log, query, response, api.clock.now());
  }
}

/** Whether there is such a request: objects are made in a collection, and changed one by one. */
function isKnown({ name, namespace, subresource }: RequestTarget, verb: Verb, what: string): boolean {
  if (subresource !== undefined) return subresources[what]?.includes(verb) ?? false;
  if (verb === "create") return name === undefined && namespace !== undefined;
  return name !== undefined || !["update", "patch"].includes(verb);
}

/** A list or a watch of one name counts as a request for that name. */
function selectedName({ resource }: RequestTarget, query: URLSearchParams): string | undefined {
  return new FieldSelector(resource, query.get("fieldSelector") ?? "").name;
}

/** Answers what everybody may know. */
function sendUnprotected(path: string, response: ServerResponse): boolean {
  if (path === "/version") sendJson(response, 200, version);
  else if (["/readyz", "/livez", "/healthz"].includes(path)) response.writeHead(200).end("ok");
  else return false;
  return true;
}
