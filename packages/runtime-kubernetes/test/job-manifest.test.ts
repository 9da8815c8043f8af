import { taskVariable } from "@mayfly/runtime";
import { aTask } from "@mayfly/task/testing";
import { expect, it } from "vitest";
import { type JobManifest, jobManifest } from "../src/job-manifest.ts";
import { kubernetesSpecSchema } from "../src/kubernetes-spec.ts";
import { selectWork } from "../src/selected-work.ts";

const now = Date.UTC(2026, 0, 1);

const spec = kubernetesSpecSchema.parse({
  images: {
    tools: {
      image: "registry:5000/tools:1.2",
      commands: { convert: ["convert", "--name=$(HOME)"] },
      env: { MODE: "$(PATH) $$" },
      memoryMiB: 512,
      cpus: 0.25,
      tmpMiB: 16,
    },
  },
});

function manifestOf(
  task = aTask(),
  change: { readonly deadline?: number; readonly instance?: string; readonly keptMs?: number } = {},
): JobManifest {
  const { deadline = now + 90_500, instance, keptMs = 3_600_000 } = change;
  return jobManifest(selectWork(spec, task), {
    run: { task, run: 2, deadline, deployment: spec.deployment, instance },
    variables: taskVariable(task),
    now,
    keptMs,
    deadlineGraceMs: 10_000,
  });
}

it("[KUBE-2] makes one Job for a run, which is tried once, ends at the timeout and is kept after its end", () => {
  const task = aTask();
  const { metadata, spec: job } = manifestOf(task);
  expect(metadata.name).toBe(`task-${task.id}-2`);
  expect(job).toMatchObject({
    completions: 1,
    parallelism: 1,
    backoffLimit: 0,
    activeDeadlineSeconds: 91,
    ttlSecondsAfterFinished: 3_600,
    template: { spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 10 } },
  });
  expect(manifestOf(task, { deadline: now - 1, keptMs: 0 }).spec).toMatchObject({
    activeDeadlineSeconds: 1,
    ttlSecondsAfterFinished: 1,
  });
});

it("[KUBE-2] asks for a pod within the restricted standard, without a token, that gets what it asks for", () => {
  const pod = manifestOf().spec?.template.spec;
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_534,
      runAsGroup: 65_534,
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "16Mi" } }],
  });
  const amounts = { cpu: "250m", memory: "512Mi", "ephemeral-storage": "80Mi" };
  expect(pod?.containers).toHaveLength(1);
  expect(pod?.containers[0]).toMatchObject({
    image: "registry:5000/tools:1.2",
    imagePullPolicy: "IfNotPresent",
    resources: { requests: amounts, limits: amounts },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  });
  for (const opening of ["hostNetwork", "hostPID", "hostIPC", "serviceAccountName", "nodeName"])
    expect(pod).not.toHaveProperty(opening);
});

it("[KUBE-3] carries the task, run, scheduler and deadline on the Job and its pod", () => {
  const task = aTask({ scheduler: "resize" });
  const { metadata, spec: job } = manifestOf(task, { instance: "host-1" });
  const labels = {
    "mayfly.deployment": "mayfly",
    "mayfly.task": task.id,
    "mayfly.run": "2",
    "mayfly.scheduler": "resize",
    "mayfly.instance": "host-1",
  };
  expect(metadata.labels).toEqual(labels);
  expect(job?.template.metadata?.labels).toEqual(labels);
  expect(metadata.annotations).toEqual({ "mayfly.deadline": "2026-01-01T00:01:30.500Z" });
});

it("[KUBE-3] notes down as an annotation what no label can hold", () => {
  const { metadata } = manifestOf(aTask({ scheduler: "resize-" }), { instance: "host.example:1/2" });
  expect(metadata.labels).not.toHaveProperty("mayfly.scheduler");
  expect(metadata.annotations).toMatchObject({ "mayfly.scheduler": "resize-", "mayfly.instance": "host.example:1/2" });
});

it("[KUBE-3] lets no node put the values of variables into the command, the variables or the task", () => {
  const task = aTask({ attributes: { text: "$(MAYFLY_RUN) $HOME $$" } });
  const container = manifestOf(task).spec?.template.spec?.containers[0];
  const value = (name: string): string | undefined => container?.env?.find((each) => each.name === name)?.value;
  expect(container?.command).toEqual(["convert", "--name=$$(HOME)"]);
  expect(value("MODE")).toBe("$$(PATH) $$$$");
  expect(value("MAYFLY_TASK")).toBe(JSON.stringify(task).replaceAll("$", "$$$$"));
});

it("[KUBE-3] rejects a task that no variable can hold", () => {
  const large = (bytes: number): JobManifest => manifestOf(aTask({ attributes: { text: "x".repeat(bytes) } }));
  expect(() => large(65_000)).not.toThrow();
  expect(() => large(65_536)).toThrow(expect.objectContaining({ code: "rejected" }) as Error);
});
