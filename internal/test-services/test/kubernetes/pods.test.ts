import { describe, expect, it, vi } from "vitest";
import { orphanGuard } from "../../src/orphan-guard.ts";
import { ClusterTrial, patience } from "./cluster-trial.ts";

const forever = "trap 'exit 7' TERM; while :; do sleep 0.05; done";

// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
describe("[OPS-3] pods of the Kubernetes for tests", () => {
  it("go from Pending to Running to Succeeded", async () => {
    await using trial = await ClusterTrial.open();
    const phases = new Set<unknown>();
    trial.cluster.onChange(() => phases.add(trial.pod?.status.phase));
    await trial.create();
    await trial.finished();

    expect([...phases].filter((phase) => phase !== undefined)).toEqual(["Pending", "Running", "Succeeded"]);
    const conditions = trial.pod?.status.conditions?.map(({ type, status }) => `${type}=${status}`);
    expect(conditions).toEqual(["PodScheduled=True", "Initialized=True", "Ready=False", "ContainersReady=False"]);
  });

  // https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
  it("have the variables of their spec, with references expanded", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({
      container: {
        command: ["sh", "-c", 'echo "$B|$C|$D|$1|$HOSTNAME|$E"', "sh", "$(A)$$(A)"],
        env: [
          { name: "A", value: "a" },
          { name: "B", value: "<$(A)>" },
          { name: "C", value: "$(LATER) $(none)" },
          { name: "D", value: "$$(A) $$x $" },
          { name: "LATER", value: "later" },
          { name: "E", valueFrom: { fieldRef: { fieldPath: "metadata.labels['job-name']" } } },
        ],
      },
    });
    await trial.finished();

    expect(await trial.client.log(trial.podName)).toBe(`<a>|$(LATER) $(none)|$(A) $x $|a$(A)|${trial.podName}|a\n`);
  });

  it("fail with StartError when the command cannot be run", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ container: { command: ["no-such-program"] } });
    await trial.finished();

    expect(trial.state).toMatchObject({ terminated: { exitCode: 128, reason: "StartError" } });
    expect(trial.pod?.status.phase).toBe("Failed");
  });

  it("say that they ran out of memory", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: forever });
    await trial.running();
    trial.cluster.oomKill(trial.podName);
    await trial.finished();

    expect(trial.state).toMatchObject({ terminated: { exitCode: 137, reason: "OOMKilled" } });
  });

  it("stay, Failed and Evicted, when their node ends them", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: forever });
    await trial.running();
    trial.cluster.evict(trial.podName);
    await trial.finished();

    expect(trial.pod?.status).toMatchObject({ phase: "Failed", reason: "Evicted" });
    expect(trial.pod?.status.conditions).toContainEqual(
      expect.objectContaining({ type: "DisruptionTarget", reason: "TerminationByKubelet" }),
    );
  });

  it("are deleted and say why when others displace them, or the API evicts them", async () => {
    await using trial = await ClusterTrial.open();
    for (const reason of ["PreemptionByScheduler", "EvictionByEvictionAPI"]) {
      await trial.create({ script: forever });
      await trial.running();
      const said: unknown[] = [];
      const end = trial.cluster.onChange(() => said.push(...(trial.pod?.status.conditions ?? [])));
      if (reason === "PreemptionByScheduler") trial.cluster.preempt(trial.podName);
      else await trial.client.ask("POST", `${trial.client.pods}/${trial.podName}/eviction`, {});
      await trial.cluster.until(() => "Failed" in trial.conditions && trial.pod === undefined);
      end();
      expect(said).toContainEqual(expect.objectContaining({ type: "DisruptionTarget", reason }));
      trial.cluster.deleteJob("a");
    }
  });

  it("wait for an image that cannot be had, and fail when they are deleted", async () => {
    await using trial = await ClusterTrial.open();
    const reasons: unknown[] = [];
    trial.cluster.onChange(() => reasons.push(trial.state.waiting?.reason));
    await trial.create({ container: { image: "registry.invalid:5000/missing:1" } });
    await trial.waitingFor("ImagePullBackOff");
    expect(new Set(reasons)).toEqual(new Set([undefined, "ContainerCreating", "ErrImagePull", "ImagePullBackOff"]));
    expect(trial.pod?.status.phase).toBe("Pending");

    trial.cluster.deletePod(trial.podName);
    await trial.cluster.until(() => "Failed" in trial.conditions && trial.pod === undefined);
  });

  it("wait with the reason that keeps them from beginning", async () => {
    await using trial = await ClusterTrial.open();
    const secret = { name: "A", valueFrom: { secretKeyRef: { name: "none", key: "k" } } };
    const obstacles = [
      ["InvalidImageName", { image: "Invalid//Name" }],
      ["CreateContainerConfigError", { env: [secret] }],
    ] as const;
    for (const [reason, container] of obstacles) {
      await trial.create({ container: { ...container, env: "env" in container ? [...container.env] : [] } });
      await trial.waitingFor(reason);
      trial.cluster.deleteJob("a");
      await trial.cluster.until(() => trial.pod === undefined);
    }
    trial.cluster.setPulling(false);
    await trial.create();
    await trial.waitingFor("ContainerCreating");
    trial.cluster.setPulling(true);
    await trial.finished();
  });

  it("stay Unschedulable while the node has no room for them", async () => {
    await using trial = await ClusterTrial.open({ node: { cpu: "1" } });
    const scheduled = () => trial.pod?.status.conditions?.find(({ type }) => type === "PodScheduled");
    await trial.create({ container: { resources: { limits: { cpu: "1500m" } } } });
    await trial.cluster.until(() => scheduled() !== undefined);
    expect(scheduled()).toMatchObject({
      status: "False",
      reason: "Unschedulable",
      message: expect.stringMatching(/Insufficient cpu/),
    });
    trial.cluster.deleteJob("a");
    await trial.cluster.until(() => trial.pod === undefined);

    trial.cluster.setSchedulable(false);
    await trial.create();
    await trial.cluster.until(() => scheduled() !== undefined);
    expect(scheduled()).toMatchObject({ reason: "Unschedulable", message: expect.stringMatching(/unschedulable/) });
    trial.cluster.setSchedulable(true);
    await trial.finished();
  });

  it("end with all their processes, also those that left the session", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: "setsid sleep 3600 & wait" });
    await trial.running();
    await vi.waitFor(() => expect(trial.cluster.processesOf("a")).toHaveLength(2), patience);
    trial.cluster.deleteJob("a");
    await trial.cluster.until(() => trial.pod === undefined);
    expect(trial.cluster.processesOf("a")).toEqual([]);
  });

  it("end when the cluster is closed", async () => {
    const trial = await ClusterTrial.open();
    await trial.create({ script: "trap '' TERM; while :; do sleep 0.05; done" });
    await trial.running();
    await trial.cluster.close();
    expect(trial.cluster.isRunning("a")).toBe(false);
  });

  it("end when this process dies", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: "trap '' TERM; while :; do sleep 0.05; done" });
    await trial.running();
    await orphanGuard.end();
    await trial.finished();
    expect(trial.cluster.isRunning("a")).toBe(false);
    expect(trial.state).toMatchObject({ terminated: { exitCode: 137 } });
  });
});
