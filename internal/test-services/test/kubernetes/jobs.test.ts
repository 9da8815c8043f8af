import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Job, type KubernetesServer, type Pod, startKubernetes } from "../../src/kubernetes/index.ts";
import { aJob, type JobParts } from "./a-job.ts";
import { ApiClient } from "./api-client.ts";

// https://kubernetes.io/docs/concepts/workloads/controllers/job/
describe("Jobs of the Kubernetes for tests", () => {
  let cluster: KubernetesServer;
  let client: ApiClient;

  beforeEach(async () => {
    cluster = await startKubernetes();
    client = new ApiClient(cluster);
  });

  afterEach(async () => await cluster.close());

  const create = async (parts: JobParts = {}): Promise<void> => {
    expect(await client.ask("POST", client.jobs, aJob(parts))).toMatchObject({ code: 201 });
  };
  const job = (): Job | undefined => cluster.jobs("a")[0];
  const pod = (): Pod | undefined => cluster.pods()[0];
  const conditions = (): Record<string, string | undefined> =>
    Object.fromEntries((job()?.status.conditions ?? []).map(({ type, reason }) => [type, reason]));
  const finished = (): Promise<void> => cluster.until(() => "Complete" in conditions() || "Failed" in conditions());
  const running = (): Promise<void> => cluster.until(() => pod()?.status.phase === "Running");
  const state = () => pod()?.status.containerStatuses?.[0]?.state;

  it("[OPS-3] makes one pod, counts its success and is complete", async () => {
    await create();
    await finished();

    expect(job()?.status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0 });
    expect(job()?.status).not.toHaveProperty("active");
    expect(conditions()).toEqual({ SuccessCriteriaMet: "CompletionsReached", Complete: "CompletionsReached" });
    expect(job()?.status.completionTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(pod()).toMatchObject({ status: { phase: "Succeeded" }, spec: { nodeName: "node-1" } });
    expect(pod()?.metadata.name).toMatch(/^a-[a-z0-9]{5}$/);
    expect(pod()?.metadata.labels).toMatchObject({ "batch.kubernetes.io/job-name": "a" });
    expect(state()).toMatchObject({ terminated: { exitCode: 0, reason: "Completed" } });
  });

  it("[OPS-3] fails when its only pod fails, with the exit code", async () => {
    await create({ script: "exit 3" });
    await finished();

    expect(job()?.status).toMatchObject({ failed: 1 });
    expect(conditions()).toEqual({ FailureTarget: "BackoffLimitExceeded", Failed: "BackoffLimitExceeded" });
    expect(pod()?.status.phase).toBe("Failed");
    expect(state()).toMatchObject({ terminated: { exitCode: 3, reason: "Error" } });
    expect(cluster.events("a")).toEqual([
      expect.stringMatching(/^SuccessfulCreate: Created pod: a-/),
      "BackoffLimitExceeded: Job has reached the specified backoff limit",
    ]);
  });

  it("[OPS-3] fails at once, and is failed when its pod has ended, if the pod is deleted", async () => {
    await create({ script: "trap 'exit 7' TERM; while :; do sleep 0.05; done" });
    await running();
    const seen: unknown[] = [];
    cluster.onChange(() => seen.push(state()?.terminated?.exitCode));

    cluster.deletePod(pod()?.metadata.name ?? "");
    await cluster.until(() => "FailureTarget" in conditions());
    expect(conditions()).not.toHaveProperty("Failed");
    expect(job()?.status.terminating).toBe(1);

    await cluster.until(() => "Failed" in conditions() && cluster.pods().length === 0);
    // The exit code was said before the pod went.
    expect(seen).toContain(7);
    expect(cluster.isRunning("a")).toBe(false);
  });

  it("[OPS-3] ends its pod at its deadline", async () => {
    await create({ script: "trap '' TERM; while :; do sleep 0.05; done", spec: { activeDeadlineSeconds: 1 } });
    await cluster.until(() => "Failed" in conditions() && cluster.pods().length === 0);

    expect(conditions()).toEqual({ FailureTarget: "DeadlineExceeded", Failed: "DeadlineExceeded" });
    expect(cluster.isRunning("a")).toBe(false);
  });
});
