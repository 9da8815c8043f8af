import { describe, expect, it } from "vitest";
import { aJob, type JobParts } from "./a-job.ts";
import { ClusterTrial } from "./cluster-trial.ts";

const container = (more: JobParts["container"]): JobParts => ({ container: more ?? {} });
const long = "x".repeat(64);

/** Each is refused with this status, for this field, or with these words. */
const refused: readonly (readonly [string, object, number, string])[] = [
  ["an unknown field", aJob({ spec: { retries: 1 } as object }), 400, 'unknown field "spec.retries"'],
  ["an unknown field in a list", aJob(container({ img: "x" } as object)), 400, "containers[0].img"],
  ["another type", aJob({ spec: { backoffLimit: "0" } as object }), 400, "spec.backoffLimit"],
  ["a missing template", { ...aJob(), spec: {} }, 422, "spec.template"],
  ["a value that is none of those", aJob({ spec: { completionMode: "Odd" } as object }), 422, "spec.completionMode"],
  ["a negative number", aJob({ spec: { ttlSecondsAfterFinished: -1 } }), 422, "spec.ttlSecondsAfterFinished"],
  ["a name with capitals", aJob({ name: "Task" }), 422, "metadata.name"],
  ["a name of 64 characters", aJob({ name: long }), 422, "metadata.name"],
  ["a label value of 64 characters", aJob({ labels: { a: long } }), 422, "metadata.labels"],
  ["a label value with other characters", aJob({ labels: { a: "a b" } }), 422, "metadata.labels"],
  ["a label key with two slashes", aJob({ labels: { "a/b/c": "x" } }), 422, "metadata.labels"],
  ["a pod that restarts always", aJob({ pod: { restartPolicy: "Always" } }), 422, "spec.template.spec.restartPolicy"],
  ["no image", aJob(container({ image: "" })), 422, "spec.template.spec.containers[0].image"],
  ["no container", aJob({ pod: { containers: [] } }), 422, "spec.template.spec.containers"],
  [
    "a volume that is not there",
    aJob(container({ volumeMounts: [{ name: "v", mountPath: "/v" }] })),
    422,
    "volumeMounts",
  ],
  ["a volume without a type", aJob({ pod: { volumes: [{ name: "v" }] } }), 422, "spec.template.spec.volumes[0]"],
  ["a variable without a name", aJob(container({ env: [{ name: "", value: "x" }] })), 422, "env[0].name"],
  [
    "more requested than the limit",
    aJob(container({ resources: { requests: { memory: "1Gi" }, limits: { memory: "64Mi" } } })),
    422,
    "must be less than or equal to memory limit of 64Mi",
  ],
  ["a quantity that is none", aJob(container({ resources: { limits: { memory: "much" } } })), 400, "memory"],
  ["another kind", { ...aJob(), kind: "CronJob" }, 400, "cannot be handled as a Job"],
];

// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
describe("[OPS-3] the API server of the Kubernetes for tests refuses a Job with", () => {
  it.each(refused)("%s", async (_what, body, code, words) => {
    await using trial = await ClusterTrial.open();
    const answer = await trial.client.ask("POST", trial.client.jobs, body);
    expect([answer.code, answer.body.reason]).toEqual([code, code === 400 ? "BadRequest" : "Invalid"]);
    expect(answer.body.message).toContain(words);
    expect(trial.cluster.jobs()).toEqual([]);
  });
});

// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
describe("[OPS-3] the Pod Security Standard of the Kubernetes for tests", () => {
  const context = (more: object): JobParts =>
    container({ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, ...more } });

  const violations: readonly (readonly [string, JobParts, string])[] = [
    ["privilege escalation", context({ allowPrivilegeEscalation: true }), "allowPrivilegeEscalation != false"],
    ["capabilities", context({ capabilities: { drop: [] } }), "unrestricted capabilities"],
    ["root", context({ runAsUser: 0 }), "runAsUser=0"],
    [
      "perhaps root",
      { pod: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } } },
      "runAsNonRoot != true",
    ],
    ["no seccomp profile", { pod: { securityContext: { runAsNonRoot: true } } }, "seccompProfile"],
    ["privileges", context({ privileged: true }), "privileged"],
    ["the host's network", { pod: { hostNetwork: true } }, "host namespaces"],
    ["the host's files", { pod: { volumes: [{ name: "v", hostPath: { path: "/" } }] } }, "restricted volume types"],
  ];

  it.each(violations)("refuses pods with %s, and only warns of their Job", async (_what, parts, words) => {
    await using trial = await ClusterTrial.open();
    const answer = await trial.client.ask("POST", trial.client.jobs, aJob(parts));
    expect(answer.code).toBe(201);
    expect(answer.warnings).toContain(words);
    await trial.cluster.until(() => trial.cluster.events("a").length > 0);
    expect(trial.cluster.events("a")[0]).toMatch(
      /^FailedCreate: .* is forbidden: violates PodSecurity "restricted:latest"/,
    );
    expect(trial.cluster.events("a")[0]).toContain(words);
    expect(trial.cluster.pods()).toEqual([]);
  });
});
