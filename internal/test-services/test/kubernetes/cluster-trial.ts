import { expect, vi } from "vitest";
import {
  type Job,
  type KubernetesOptions,
  type KubernetesServer,
  type Pod,
  startKubernetes,
} from "../../src/kubernetes/index.ts";
import { aJob, type JobParts } from "./a-job.ts";
import { ApiClient } from "./api-client.ts";

/** How long a test waits for what processes of the host do. */
export const patience = { timeout: 20_000, interval: 20 };

/** A cluster with a Job named `a`, and a client. */
export class ClusterTrial {
  readonly cluster: KubernetesServer;
  readonly client: ApiClient;

  private constructor(cluster: KubernetesServer) {
    this.cluster = cluster;
    this.client = new ApiClient(cluster);
  }

  static async open(options: KubernetesOptions = {}): Promise<ClusterTrial> {
    return new ClusterTrial(await startKubernetes(options));
  }

  async create(parts: JobParts = {}): Promise<void> {
    expect(await this.client.ask("POST", this.client.jobs, aJob(parts))).toMatchObject({ code: 201 });
  }

  get job(): Job | undefined {
    return this.cluster.jobs("a")[0];
  }

  get pod(): Pod | undefined {
    return this.cluster.pods()[0];
  }

  get podName(): string {
    return this.pod?.metadata.name ?? "";
  }

  /** The state of the pod's container. */
  get state(): NonNullable<NonNullable<Pod["status"]["containerStatuses"]>[number]["state"]> {
    return this.pod?.status.containerStatuses?.[0]?.state ?? {};
  }

  /** The reasons of the Job's conditions that hold. */
  get conditions(): Record<string, string | undefined> {
    const all = this.job?.status.conditions ?? [];
    return Object.fromEntries(all.filter(({ status }) => status === "True").map(({ type, reason }) => [type, reason]));
  }

  /** Resolves when the Job has ended. */
  async finished(): Promise<void> {
    await this.cluster.until(() => "Complete" in this.conditions || "Failed" in this.conditions);
  }

  /** Resolves when the pod runs. */
  async running(): Promise<void> {
    await this.cluster.until(() => this.pod?.status.phase === "Running");
  }

  /** Resolves when the work has said this line. A pod runs before the first command of its script has been obeyed. */
  async said(line: string): Promise<void> {
    await this.running();
    const log = async (): Promise<readonly string[]> => (await this.client.log(this.podName)).split("\n");
    await vi.waitFor(async () => expect(await log()).toContain(line), patience);
  }

  /** Resolves when the pod's container waits for this reason. */
  async waitingFor(reason: string): Promise<void> {
    await this.cluster.until(() => this.state.waiting?.reason === reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.close();
  }
}
