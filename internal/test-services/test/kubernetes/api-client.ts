import type { ApiObject, Job, KubernetesServer, Pod } from "../../src/kubernetes/index.ts";

/** An answer of the API server: an object, a list or a Status. */
export interface Answer {
  readonly code: number;
  readonly warnings: string | null;
  readonly body: Record<string, unknown> & { metadata: ApiObject["metadata"] & Record<string, unknown> } & {
    readonly reason?: string;
    readonly message?: string;
    readonly details?: Record<string, unknown>;
    readonly items?: readonly (Job & Pod)[];
    readonly spec?: Record<string, unknown>;
    readonly status?: unknown;
  };
}

/** An event of a watch. */
export interface WatchEvent {
  readonly type: string;
  readonly object: Job & Pod & { readonly code?: number; readonly reason?: string };
}

/** Speaks to a cluster as any HTTP client does. */
export class ApiClient {
  readonly jobs: string;
  readonly pods: string;
  readonly #url: string;
  readonly #token: string;

  constructor({ url, token, namespace }: KubernetesServer, other?: string) {
    this.#url = url;
    this.#token = other ?? token;
    this.jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    this.pods = `/api/v1/namespaces/${namespace}/pods`;
  }

  async ask(method: string, path: string, body?: unknown, mediaType = "application/json"): Promise<Answer> {
    const response = await this.fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": mediaType } }),
    });
    return {
      code: response.status,
      warnings: response.headers.get("warning"),
      body: (await response.json()) as Answer["body"],
    };
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${this.#token}` };
    return await fetch(`${this.#url}${path}`, { ...init, headers });
  }

  /** The text of a pod's log. */
  async log(pod: string, query = ""): Promise<string> {
    return await (await this.fetch(`${this.pods}/${pod}/log?${query}`)).text();
  }

  /** The events of a watch, until it ends. */
  async *watch(path: string, query: string): AsyncGenerator<WatchEvent> {
    const response = await this.fetch(`${path}?watch=true&${query}`);
    let rest = "";
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      const lines = (rest + Buffer.from(chunk).toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as WatchEvent;
    }
  }
}
