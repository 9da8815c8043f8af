import { ManualClock } from "@mayfly/service/testing";
import { describe, expect, it } from "vitest";
import { ClusterTrial } from "./cluster-trial.ts";

const stubborn = "trap '' TERM; while :; do sleep 0.05; done";
const obedient = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";

// https://kubernetes.io/docs/concepts/workloads/controllers/job/
describe("[OPS-3] Jobs of the Kubernetes for tests", () => {
  it("make one pod, count its success and are complete", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create();
    await trial.finished();

    const { job, pod, state, conditions } = trial;
    expect(job?.status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0 });
    expect(job?.status).not.toHaveProperty("active");
    expect(conditions).toEqual({ SuccessCriteriaMet: "CompletionsReached", Complete: "CompletionsReached" });
    expect(job?.status.completionTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(pod).toMatchObject({ status: { phase: "Succeeded" }, spec: { nodeName: "node-1" } });
    expect(pod?.metadata.name).toMatch(/^a-[a-z0-9]{5}$/);
    expect(pod?.metadata.labels).toMatchObject({
      "batch.kubernetes.io/job-name": "a",
      "batch.kubernetes.io/controller-uid": job?.metadata.uid,
    });
    expect(pod?.metadata).not.toHaveProperty("finalizers");
    expect(state).toMatchObject({ terminated: { exitCode: 0, reason: "Completed" } });
  });

  it("fail when their only pod fails, with its exit code", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: "exit 3" });
    await trial.finished();

    expect(trial.job?.status).toMatchObject({ failed: 1 });
    expect(trial.conditions).toEqual({ FailureTarget: "BackoffLimitExceeded", Failed: "BackoffLimitExceeded" });
    expect(trial.pod?.status.phase).toBe("Failed");
    expect(trial.state).toMatchObject({ terminated: { exitCode: 3, reason: "Error" } });
    expect(trial.cluster.events("a")).toEqual([
      expect.stringMatching(/^SuccessfulCreate: Created pod: a-/),
      "BackoffLimitExceeded: Job has reached the specified backoff limit",
    ]);
  });

  it("fail at once when their pod is deleted, and have failed when it has ended", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: obedient });
    await trial.said("ready");
    const exitCodes: unknown[] = [];
    trial.cluster.onChange(() => exitCodes.push(trial.state.terminated?.exitCode));

    trial.cluster.deletePod(trial.podName);
    await trial.cluster.until(() => "FailureTarget" in trial.conditions);
    expect(trial.conditions).not.toHaveProperty("Failed");
    expect(trial.job?.status.terminating).toBe(1);

    await trial.cluster.until(() => "Failed" in trial.conditions && trial.pod === undefined);
    expect(exitCodes).toContain(7);
    expect(trial.cluster.isRunning("a")).toBe(false);
  });

  it("wait for the end of a pod that is deleted if only failed ones are replaced", async () => {
    await using trial = await ClusterTrial.open();
    const script = obedient.replace("exit 7", "exit 0");
    await trial.create({ script, spec: { podReplacementPolicy: "Failed" } });
    await trial.said("ready");
    trial.cluster.deletePod(trial.podName);
    await trial.finished();

    expect(trial.conditions).toHaveProperty("Complete");
  });

  it("end their pod at their deadline, by force if need be", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: stubborn, spec: { activeDeadlineSeconds: 1 } });
    await trial.cluster.until(() => "Failed" in trial.conditions && trial.pod === undefined);

    expect(trial.conditions).toEqual({ FailureTarget: "DeadlineExceeded", Failed: "DeadlineExceeded" });
    expect(trial.cluster.isRunning("a")).toBe(false);
  });

  it("begin another pod after a pause while failures are left", async () => {
    const clock = new ManualClock();
    await using trial = await ClusterTrial.open({ clock });
    await trial.create({ script: "exit 1", spec: { backoffLimit: 1 } });
    await trial.cluster.until(() => trial.job?.status.failed === 1);
    expect(trial.cluster.pods("a")).toHaveLength(1);
    await clock.advance(10_000);
    await trial.finished();

    expect(trial.cluster.pods("a")).toHaveLength(2);
    expect(trial.conditions).toHaveProperty("Failed", "BackoffLimitExceeded");
  });

  it("are deleted with their pods when they have been kept as long as they ask", async () => {
    const clock = new ManualClock();
    await using trial = await ClusterTrial.open({ clock });
    await trial.create({ spec: { ttlSecondsAfterFinished: 60 } });
    await trial.finished();
    await clock.advance(59_000);
    expect(trial.job?.metadata).not.toHaveProperty("deletionTimestamp");
    await clock.advance(1_000);
    await trial.cluster.until(() => trial.job === undefined && trial.pod === undefined);
  });

  it("end their pod when they are suspended, which is no failure, and begin anew", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: obedient, spec: { activeDeadlineSeconds: 600 } });
    await trial.running();
    const first = trial.podName;
    const suspend = async (value: boolean) =>
      await trial.client.ask(
        "PATCH",
        `${trial.client.jobs}/a`,
        { spec: { suspend: value } },
        "application/merge-patch+json",
      );

    expect(await suspend(true)).toMatchObject({ code: 200, body: { metadata: { generation: 2 } } });
    await trial.cluster.until(() => trial.pod === undefined);
    expect(trial.conditions).toEqual({ Suspended: "JobSuspended" });
    expect(trial.job?.status).not.toHaveProperty("failed");

    await suspend(false);
    await trial.running();
    expect(trial.podName).not.toBe(first);
    expect(trial.conditions).toEqual({});
  });

  it("go with their pods, before them, after them, or without them", async () => {
    await using trial = await ClusterTrial.open();
    for (const propagationPolicy of ["Background", "Foreground", "Orphan", undefined] as const) {
      await trial.create({ script: obedient });
      await trial.running();
      const podOutlivesJob: boolean[] = [];
      const end = trial.cluster.onChange(() => {
        if (trial.job === undefined) podOutlivesJob.push(trial.pod !== undefined);
      });
      const answer = await trial.client.ask(
        "DELETE",
        `${trial.client.jobs}/a`,
        propagationPolicy && { propagationPolicy },
      );
      expect(answer.code).toBe(200);
      // For compatibility, a Job that is deleted without more leaves its pods, and the server warns of that.
      if (propagationPolicy === undefined) expect(answer.warnings).toMatch(/child pods are preserved by default/);
      if (propagationPolicy === "Background") expect(answer.body).toMatchObject({ kind: "Status", status: "Success" });
      await trial.cluster.until(() => trial.job === undefined);
      if (propagationPolicy === "Orphan" || propagationPolicy === undefined) {
        await trial.cluster.until(() => !trial.pod?.metadata.ownerReferences && !trial.pod?.metadata.finalizers);
        expect(trial.cluster.isRunning("a")).toBe(true);
        trial.cluster.deletePod(trial.podName);
      }
      await trial.cluster.until(() => trial.pod === undefined);
      end();
      expect(podOutlivesJob[0]).toBe(propagationPolicy !== "Foreground");
    }
  });

  it("have no pod while the namespace refuses it, and say why", async () => {
    await using trial = await ClusterTrial.open();
    trial.cluster.setQuota({ pods: 0 });
    await trial.create();
    await trial.cluster.until(() => trial.cluster.events("a").length > 0);
    expect(trial.cluster.events("a")[0]).toMatch(
      /^FailedCreate: Error creating: pods "a-\w+" is forbidden: exceeded quota: mayfly, requested: pods=1, used: pods=0, limited: pods=0$/,
    );
    trial.cluster.setQuota({});
    await trial.finished();
  });
});
