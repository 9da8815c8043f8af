import { describe, expect, it } from "vitest";
import type { PolicyRule } from "../../src/kubernetes/index.ts";
import { aJob } from "./a-job.ts";
import { ClusterTrial } from "./cluster-trial.ts";

const rules: readonly PolicyRule[] = [
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "list"] },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "watch"], resourceNames: ["a"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
];

// https://kubernetes.io/docs/reference/access-authn-authz/rbac/
describe("[OPS-3] an account of the Kubernetes for tests", () => {
  it("may do what its rules say, and nothing else", async () => {
    await using trial = await ClusterTrial.open({ rules });
    const { client } = trial;
    const job = aJob({ spec: { suspend: true } });
    const requests = [
      ["POST", client.jobs, 201],
      ["GET", client.jobs, 200],
      ["GET", `${client.jobs}/a`, 200],
      ["GET", `${client.jobs}/b`, 403],
      ["GET", `${client.jobs}?watch=true`, 403],
      ["GET", `${client.jobs}/a/status`, 403],
      ["PATCH", `${client.jobs}/a`, 403],
      ["DELETE", `${client.jobs}/a`, 403],
      ["DELETE", client.jobs, 403],
      ["GET", "/apis/batch/v1/jobs", 403],
      ["GET", client.pods, 403],
      ["GET", `${client.pods}/none`, 403],
      ["GET", `${client.pods}/none/log`, 404],
      ["GET", "/api/v1/namespaces/mayfly", 200],
      ["GET", "/api/v1/namespaces/default", 403],
      ["GET", "/api/v1/namespaces", 403],
    ] as const;
    for (const [method, path, code] of requests) {
      const answer = await client.ask(method, path, method === "POST" ? job : undefined);
      expect([method, path, answer.code]).toEqual([method, path, code]);
    }
    const { body } = await client.ask("DELETE", `${client.jobs}/a`);
    expect(body.message).toBe(
      'jobs.batch "a" is forbidden: User "system:serviceaccount:mayfly:default" cannot delete resource "jobs" in API group "batch" in the namespace "mayfly"',
    );
  });

  it("may watch the one object that its rules name", async () => {
    await using trial = await ClusterTrial.open({ rules });
    await trial.create({ spec: { suspend: true } });
    const events = trial.client.watch(trial.client.jobs, "fieldSelector=metadata.name=a");
    expect((await events.next()).value).toMatchObject({ type: "ADDED", object: { metadata: { name: "a" } } });
    await events.return(undefined);
  });
});
