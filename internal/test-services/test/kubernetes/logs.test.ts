import { describe, expect, it } from "vitest";
import { ClusterTrial } from "./cluster-trial.ts";

// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
describe("[OPS-3] logs of the Kubernetes for tests", () => {
  it("have both streams, and the part of them that is asked for", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: "echo one; echo two >&2" });
    await trial.finished();
    const log = (query = ""): Promise<string> => trial.client.log(trial.podName, query);

    expect(["one\ntwo\n", "two\none\n"]).toContain(await log());
    expect(["one\n", "two\n"]).toContain(await log("tailLines=1"));
    expect(await log("limitBytes=2")).toHaveLength(2);
    const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (one|two)$/;
    const lines = (await log("timestamps=true")).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(stamp);
    const startedAt = trial.state.terminated?.startedAt ?? "";
    expect(await log(`sinceTime=${startedAt}`)).toBe(await log());
    expect(await log(`sinceTime=${new Date(Date.now() + 60_000).toISOString()}`)).toBe("");
    expect(await log("sinceSeconds=600")).toBe(await log());
  });

  it("follow a container until it ends, in full", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: "yes mayfly | head -c 4194304; exit 5" });
    await trial.running();
    const text = await trial.client.log(trial.podName, "follow=true");
    expect(text).toHaveLength(4_194_304);
  });

  it("break without harm to the container", async () => {
    await using trial = await ClusterTrial.open();
    await trial.create({ script: "echo begun; trap 'exit 7' TERM; while :; do sleep 0.05; done" });
    await trial.running();
    const response = await trial.client.fetch(`${trial.client.pods}/${trial.podName}/log?follow=true`);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("begun\n");
    trial.cluster.breakLogs();
    await expect(reader?.read()).rejects.toThrow("terminated");
    expect(trial.pod?.status.phase).toBe("Running");
  });

  it("are refused while there is none", async () => {
    await using trial = await ClusterTrial.open();
    trial.cluster.setPulling(false);
    await trial.create();
    await trial.waitingFor("ContainerCreating");
    const path = `${trial.client.pods}/${trial.podName}/log`;
    expect(await trial.client.ask("GET", path)).toMatchObject({
      code: 400,
      body: { message: `container "task" in pod "${trial.podName}" is waiting to start: ContainerCreating` },
    });
    expect(await trial.client.ask("GET", `${path}?container=other`)).toMatchObject({
      code: 400,
      body: { message: `container other is not valid for pod ${trial.podName}` },
    });
    expect(await trial.client.ask("GET", `${trial.client.pods}/none/log`)).toMatchObject({ code: 404 });
  });
});
