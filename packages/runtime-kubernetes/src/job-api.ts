import type { ApiServer } from "./api-server.ts";
import type { JobManifest } from "./job-manifest.ts";
import { type JobObject, jobObject, type RawJob } from "./job-object.ts";
import { containerName, jobUidLabel, type PodObject, podObject, type RawPod } from "./pod-object.ts";

/** A page of a list (Kubernetes API, "Retrieving large results sets in chunks"). */
export interface ListPage<Raw> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Raw[];
}

/** How many objects an answer has at most. */
const pageSize = "500";

/** What is asked of the Jobs and pods of one namespace. */
export class JobApi {
  readonly server: ApiServer;
  readonly jobsPath: string;
  readonly podsPath: string;
  readonly #namespacePath: string;

  constructor(server: ApiServer, namespace: string) {
    this.server = server;
    this.#namespacePath = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
    this.jobsPath = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;
    this.podsPath = `${this.#namespacePath}/pods`;
  }

  /** The uid of the namespace: no other in any cluster has it, also none that is made later under its name. */
  async namespaceUid(): Promise<string> {
    const { metadata } = (await this.server.ask({ method: "GET", path: this.#namespacePath })) as RawJob;
    return metadata.uid;
  }

  async createJob(manifest: JobManifest, signal: AbortSignal): Promise<JobObject> {
    const request = { method: "POST", path: this.jobsPath, body: manifest, signal } as const;
    return jobObject((await this.server.ask(request)) as RawJob);
  }

  async readJob(name: string, signal?: AbortSignal): Promise<JobObject> {
    const path = `${this.jobsPath}/${encodeURIComponent(name)}`;
    return jobObject((await this.server.ask({ method: "GET", path, signal })) as RawJob);
  }

  /** Removes a Job, and its pods soon after. Rejects with status 409 when another Job has the name now. */
  async deleteJob(name: string, uid: string, signal?: AbortSignal): Promise<void> {
    await this.server.ask({
      method: "DELETE",
      path: `${this.jobsPath}/${encodeURIComponent(name)}`,
      body: { propagationPolicy: "Background", preconditions: { uid } },
      signal,
    });
  }

  /** Asks a pod to end. Rejects with status 409 when the pod is no more as it was seen. */
  async deletePod(
    { name, uid, resourceVersion }: PodObject,
    gracePeriodSeconds: number,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.server.ask({
      method: "DELETE",
      path: `${this.podsPath}/${encodeURIComponent(name)}`,
      body: { gracePeriodSeconds, preconditions: { uid, resourceVersion } },
      signal,
    });
  }

  /** The pods of a Job as they are now. */
  async podsOf(jobUid: string, signal?: AbortSignal): Promise<readonly PodObject[]> {
    const query = { labelSelector: `${jobUidLabel}=${jobUid}` };
    const { items } = (await this.server.ask({
      method: "GET",
      path: this.podsPath,
      query,
      signal,
    })) as ListPage<RawPod>;
    return items.map(podObject);
  }

  /** One page of Jobs. @param token - `continue` of the page before */
  async jobsPage(labelSelector: string, token?: string): Promise<ListPage<RawJob>> {
    return (await this.listPage(this.jobsPath, labelSelector, token)) as ListPage<RawJob>;
  }

  /** One page of what is at `path`. */
  async listPage(path: string, labelSelector: string, token?: string, signal?: AbortSignal): Promise<ListPage<object>> {
    const query = { labelSelector, limit: pageSize, ...(token === undefined ? {} : { continue: token }) };
    return (await this.server.ask({ method: "GET", path, query, signal })) as ListPage<object>;
  }

  /** Rejects when the cluster cannot be asked for Jobs. */
  async probe(labelSelector: string, signal: AbortSignal): Promise<void> {
    await this.server.ask({ method: "GET", path: this.jobsPath, query: { labelSelector, limit: "1" }, signal });
  }

  /** The output of a pod, each line after its time; both streams in one. @param sinceTime - RFC 3339, to the second */
  logs(
    podName: string,
    range: { readonly sinceTime: string | undefined; readonly follows: boolean },
    signal: AbortSignal,
  ): AsyncIterable<Buffer> {
    const { sinceTime, follows } = range;
    const query = {
      container: containerName,
      timestamps: "true",
      ...(follows ? { follow: "true" } : {}),
      ...(sinceTime === undefined ? {} : { sinceTime }),
    };
    return this.server.stream({
      method: "GET",
      path: `${this.podsPath}/${encodeURIComponent(podName)}/log`,
      query,
      signal,
    });
  }
}
