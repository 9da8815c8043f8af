import { mkdtemp, rm } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@mayfly/service";
import { orphanGuard } from "../orphan-guard.ts";
import { Access, type PolicyRule } from "./api/access.ts";
import { HttpListener } from "./api/http-listener.ts";
import { RequestFaults } from "./api/request-faults.ts";
import { RequestHandler } from "./api/request-handler.ts";
import type { ExpiryForm } from "./api/watch-stream.ts";
import { ClusterApi } from "./cluster-api.ts";
import { GarbageCollector } from "./controllers/garbage-collector.ts";
import { JobController } from "./controllers/job-controller.ts";
import { PodScheduler } from "./controllers/pod-scheduler.ts";
import { Reachability } from "./controllers/reachability.ts";
import { podsOf } from "./controllers/job-pods.ts";
import type { DeleteOptions } from "./delete-options.ts";
import { Kubelet } from "./kubelet/kubelet.ts";
import { setPodCondition } from "./kubelet/pod-condition.ts";
import type { KubernetesOptions } from "./kubernetes-options.ts";
import type { Quota } from "./resource-quota.ts";
import type { Job, Pod } from "./store/api-object.ts";
import { apiNow } from "./store/api-time.ts";
import { ObjectStore } from "./store/object-store.ts";

const everything: readonly PolicyRule[] = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
const largeNode = { cpu: "64", memory: "256Gi", "ephemeral-storage": "1Ti", pods: 1_000 };

/**
 * A Kubernetes of one namespace and one node in this process: an API server over HTTP, the Job controller, garbage
 * collection, a scheduler, and a kubelet that runs the commands of pods as processes of this machine. Its names of images
 * are names only. It ends everything that it has started when it is closed, and when this process dies.
 */
export class KubernetesServer {
  readonly namespace: string;
  /** What goes wrong with single requests. */
  readonly faults: RequestFaults = new RequestFaults();
  readonly #api: ClusterApi;
  readonly #access: Access;
  readonly #reachability = new Reachability();
  readonly #parts: readonly { close(): void }[];
  readonly #scheduler: PodScheduler;
  readonly #kubelet: Kubelet;
  readonly #handler: RequestHandler;
  readonly #listener: HttpListener;
  readonly #dir: string;
  readonly #token: string;
  readonly #ca: string | undefined;

  private constructor(options: KubernetesOptions, dir: string, listen: Listen, listener: HttpListener) {
    const { namespace = "mayfly", clock = systemClock, rules = everything, node = {} } = options;
    this.namespace = namespace;
    this.#dir = dir;
    this.#listener = listener;
    this.#ca = options.certificate?.cert;
    this.#api = new ClusterApi({ store: new ObjectStore(), clock, namespace });
    this.#api.createNamespace();
    this.#access = new Access(namespace);
    this.#token = this.#access.grant("default", rules);
    this.#scheduler = new PodScheduler(this.#api, this.#reachability, { ...largeNode, ...node });
    this.#kubelet = new Kubelet(this.#api, this.#reachability, dir);
    const jobs = new JobController(this.#api, this.#reachability);
    this.#parts = [jobs, new GarbageCollector(this.#api, this.#reachability), this.#scheduler];
    const { faults } = this;
    this.#handler = new RequestHandler({ api: this.#api, kubelet: this.#kubelet, access: this.#access, faults });
    listen.handler = this.#handler;
  }

  /** @internal Use {@link startKubernetes}. */
  static async start(options: KubernetesOptions): Promise<KubernetesServer> {
    const dir = await mkdtemp(join(tmpdir(), "mayfly-kubernetes-"));
    orphanGuard.removeAtEnd(dir);
    const listen: Listen = { handler: undefined };
    const handle: RequestListener = (request, response) => void listen.handler?.handle(request, response);
    const listener = await HttpListener.open(handle, options.certificate);
    return new KubernetesServer(options, dir, listen, listener);
  }

  /** `http://127.0.0.1:<port>`, or `https` with a certificate. */
  get url(): string {
    return this.#listener.url;
  }

  /** The bearer token of the account that {@link kubeConfig} uses. */
  get token(): string {
    return this.#token;
  }

  /** A kubeconfig as text, for the account that `rules` are for. */
  get kubeConfig(): string {
    return this.#kubeConfigOf(this.#token);
  }

  /** A kubeconfig as text, for a new service account that may do what these rules say, in the namespace. */
  serviceAccount(name: string, rules: readonly PolicyRule[]): string {
    return this.#kubeConfigOf(this.#access.grant(name, rules));
  }

  /**
   * Gives the account of a {@link serviceAccount} another token: its kubeconfig as text. The old one is refused from now on;
   * watches that are open go on.
   */
  renewToken(kubeConfig: string): string {
    const { users } = JSON.parse(kubeConfig) as { users: readonly { user: { token: string } }[] };
    return this.#kubeConfigOf(this.#access.renew(users[0]?.user.token ?? ""));
  }

  /** How many connections to the API server are open. */
  get connections(): number {
    return this.#listener.connections;
  }

  /** How many watches are open. */
  get watches(): number {
    return this.#handler.open("watches").length;
  }

  /** All Jobs, or the one of this name if there is one. */
  jobs(name?: string): readonly Job[] {
    return this.#api.store
      .list("jobs", this.namespace)
      .filter(({ metadata }) => name === undefined || metadata.name === name);
  }

  /** All pods, or those of this Job. */
  pods(jobName?: string): readonly Pod[] {
    const pods = this.#api.store.list("pods", this.namespace);
    return jobName === undefined ? pods : this.jobs(jobName).flatMap((job) => podsOf(this.#api, job));
  }

  /** What has been noted about an object, as `reason: message`, oldest first. */
  events(objectName: string): readonly string[] {
    const events = this.#api.store.list("events", this.namespace);
    return events
      .filter(({ involvedObject }) => involvedObject.name === objectName)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** Whether a process runs for this Job, also when the Job itself is gone. */
  isRunning(jobName: string): boolean {
    return this.processesOf(jobName).length > 0;
  }

  /** The ids of the processes that run for this Job. */
  processesOf(jobName: string): readonly number[] {
    return this.#kubelet.processesOf(jobName);
  }

  /** Calls back after each change of any object. Returns what ends that. */
  onChange(callback: () => void): () => void {
    return this.#api.store.subscribe(() => callback());
  }

  /** Resolves once the condition holds, looked at after each change. */
  async until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      if (condition()) {
        resolve();
        return;
      }
      const end = this.onChange(() => {
        if (!condition()) return;
        end();
        resolve();
      });
    });
  }

  /** Deletes a Job as somebody does by hand. */
  deleteJob(name: string, options: DeleteOptions = { propagationPolicy: "Background" }): void {
    this.#api.delete("jobs", this.#api.get("jobs", this.namespace, name), options);
  }

  /** Deletes a pod as somebody does by hand, with the grace of its spec if none is given. */
  deletePod(name: string, options: DeleteOptions = {}): void {
    this.#api.delete("pods", this.#pod(name), options);
  }

  /** The node ends a pod for want of memory: the pod stays, `Failed` and `Evicted`. */
  evict(podName: string): void {
    this.#kubelet.workerOf(this.#pod(podName))?.evict("The node was low on resource: memory. ");
  }

  /** The scheduler ends a pod in favour of a more important one: it is deleted. */
  preempt(podName: string): void {
    const message = "default-scheduler: preempting to accommodate a higher priority pod";
    const condition = { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler", message };
    this.#api.edit("pods", this.#pod(podName).metadata, (pod) => {
      setPodCondition(pod, condition, apiNow(this.#api.clock));
    });
    this.deletePod(podName);
  }

  /** The containers of a pod run out of memory. */
  oomKill(podName: string): void {
    this.#kubelet.workerOf(this.#pod(podName))?.runOutOfMemory();
  }

  /** What the namespace may hold from now on, such as `{ "count/jobs.batch": 1 }`; `{}` ends that. */
  setQuota(quota: Quota): void {
    this.#api.quota = quota;
  }

  /** Each pod that is made from now on gets another container with this command, as service meshes add one; none ends that. */
  setSidecar(command?: readonly string[]): void {
    this.#api.sidecar = command;
  }

  /** Whether the node takes pods; while not, they are `Unschedulable`. */
  setSchedulable(isSchedulable: boolean): void {
    this.#scheduler.isCordoned = !isSchedulable;
  }

  /** Whether images come; while not, containers stay in `ContainerCreating`. */
  setPulling(canPull: boolean): void {
    this.#kubelet.puller.isStalled = !canPull;
  }

  /** Whether the node hears that pods are to end; while not, they end only when they are deleted without a grace. */
  setNodeReady(isReady: boolean): void {
    this.#kubelet.isDeaf = !isReady;
  }

  /** Cuts the connections of all watches. */
  dropWatches(): void {
    for (const response of this.#handler.open("watches")) response.destroy();
  }

  /** Cuts the connections of all logs that are being read. */
  breakLogs(): void {
    for (const response of this.#handler.open("logs")) response.destroy();
  }

  /** Tells all watches that allow bookmarks how far they have come. */
  sendBookmarks(): void {
    this.#handler.sendBookmarks();
  }

  /**
   * Forgets all changes until now. A watch that begins before them gets 410 Gone: as an event of an answer that has
   * begun well, or as the answer's own status. Watches that are open go on.
   */
  expireResourceVersions(form: ExpiryForm): void {
    this.#handler.expiry = form;
    this.#api.store.compact();
  }

  /** The API server goes away: connections are cut and refused. Containers run on, and nobody can write how they are. */
  async goAway(): Promise<void> {
    this.#reachability.lose();
    await this.#listener.close();
  }

  /** It comes back on the same port, with all objects. */
  async comeBack(): Promise<void> {
    await this.#listener.listen();
    this.#reachability.restore();
  }

  /** Ends all containers and the server. */
  async close(): Promise<void> {
    await this.#listener.close();
    for (const part of this.#parts) part.close();
    this.#reachability.restore();
    await this.#kubelet.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #pod(name: string): Pod {
    return this.#api.get("pods", this.namespace, name);
  }

  #kubeConfigOf(token: string): string {
    const name = "mayfly-test";
    // Without the first, clients refuse to send a token over plain HTTP.
    const trust =
      this.#ca === undefined
        ? { "insecure-skip-tls-verify": true }
        : { "certificate-authority-data": Buffer.from(this.#ca).toString("base64") };
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server: this.url, ...trust } }],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: this.namespace } }],
      "current-context": name,
    });
  }
}

/** The handler comes after the listener, which must know its port first. */
interface Listen {
  handler: RequestHandler | undefined;
}

/** Starts a Kubernetes for tests and resolves once it answers (10 ms). */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<KubernetesServer> {
  return await KubernetesServer.start(options);
}
