import { describe, expect, it } from "vitest";
import { aJob } from "./a-job.ts";
import { ClusterTrial, patience } from "./cluster-trial.ts";

describe("[OPS-3] faults of the Kubernetes for tests", () => {
  it("answer the next request of a kind with another status, in their order", async () => {
    await using trial = await ClusterTrial.open();
    const { client, cluster } = trial;
    cluster.faults.failNext("create", "jobs", 503);
    cluster.faults.failNext("create", "jobs", 500);
    expect(await client.ask("GET", client.jobs)).toMatchObject({ code: 200 });
    for (const [code, reason] of [
      [503, "ServiceUnavailable"],
      [500, "InternalError"],
    ])
      expect(await client.ask("POST", client.jobs, aJob())).toMatchObject({ code, body: { reason } });
    expect(cluster.jobs()).toEqual([]);
    await trial.create();
  });

  it("cut the connection before anything has happened, or after", async () => {
    await using trial = await ClusterTrial.open();
    const { client, cluster } = trial;
    cluster.faults.failNext("create", "jobs", "cut");
    await expect(client.ask("POST", client.jobs, aJob())).rejects.toThrow("fetch failed");
    expect(cluster.jobs()).toEqual([]);
    cluster.faults.failNext("create", "jobs", "cutAfter");
    await expect(client.ask("POST", client.jobs, aJob())).rejects.toThrow("fetch failed");
    expect(cluster.jobs()).toHaveLength(1);
  });

  it("hold a request until it is let go", async () => {
    await using trial = await ClusterTrial.open();
    const { client, cluster } = trial;
    const held = cluster.faults.holdNext("create", "jobs");
    const answer = client.ask("POST", client.jobs, aJob());
    await held.arrived;
    expect(cluster.jobs()).toEqual([]);
    held.release();
    expect(await answer).toMatchObject({ code: 201 });
  });

  it("let containers run on while the API server is away, and tell of them later", async () => {
    await using trial = await ClusterTrial.open();
    const { cluster } = trial;
    await trial.create({ script: "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done" });
    await trial.said("ready");
    await cluster.goAway();
    const [pid = 0] = cluster.processesOf("a");
    process.kill(pid, "SIGTERM");
    const { resourceVersion } = trial.pod?.metadata ?? {};
    // It has ended, and nobody can say so.
    await expect.poll(() => cluster.isRunning("a"), patience).toBe(false);
    expect(trial.pod?.metadata.resourceVersion).toBe(resourceVersion);
    await cluster.comeBack();
    await trial.finished();
    expect(trial.state).toMatchObject({ terminated: { exitCode: 7 } });
  });
});
