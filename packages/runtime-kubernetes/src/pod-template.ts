import type { V1PodTemplateSpec } from "@kubernetes/client-node";
import { RuntimeError } from "@mayfly/runtime";
import type { MarkedRun } from "./job-labels.ts";
import type { KubernetesImageSpec } from "./kubernetes-spec.ts";
import { containerName } from "./pod-object.ts";
import type { SelectedWork } from "./selected-work.ts";

/** Linux takes at most 128 KiB in one variable (`MAX_ARG_STRLEN`); half of it leaves room for what an image adds. */
const maxTaskBytes = 65_536;

/** Room on the node's disk for the container's log, beside `/tmp`: nodes keep 5 files of 10 MiB unless they are told otherwise. */
const logMiB = 64;

const pullPolicies = { missing: "IfNotPresent", never: "Never", always: "Always" } as const;

/** The pod of a run, within the Pod Security Standard *restricted*. */
export function podTemplate(
  { image, command }: SelectedWork,
  run: MarkedRun,
  options: {
    readonly labels: Record<string, string>;
    readonly traceparent: string | undefined;
    readonly graceSeconds: number;
  },
): V1PodTemplateSpec {
  const [runAsUser, runAsGroup] = image.user.split(":").map(Number);
  return {
    metadata: { labels: options.labels },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: options.graceSeconds,
      // Work that needs the API of the cluster brings its own credentials.
      automountServiceAccountToken: false,
      // Variables of all services of the namespace would be added to the container's.
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        ...(runAsUser === undefined ? {} : { runAsUser }),
        ...(runAsGroup === undefined ? {} : { runAsGroup }),
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: containerName,
          image: image.image,
          imagePullPolicy: pullPolicies[image.pull],
          command: command.map(verbatim),
          env: variables(image.env, run, options.traceparent),
          ...(image.workingDir === undefined ? {} : { workingDir: image.workingDir }),
          resources: resources(image),
          securityContext: {
            allowPrivilegeEscalation: false,
            privileged: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: `${image.tmpMiB}Mi` } }],
      ...placement(image),
    },
  };
}

function resources({ cpus, memoryMiB, tmpMiB }: KubernetesImageSpec): {
  readonly requests: Record<string, string>;
  readonly limits: Record<string, string>;
} {
  const amounts = {
    cpu: `${Math.round(cpus * 1_000)}m`,
    memory: `${memoryMiB}Mi`,
    "ephemeral-storage": `${tmpMiB + logMiB}Mi`,
  };
  return { requests: { ...amounts }, limits: { ...amounts } };
}

function placement(image: KubernetesImageSpec): Partial<NonNullable<V1PodTemplateSpec["spec"]>> {
  const { nodeSelector, pullSecrets, priorityClass, runtimeClass } = image;
  return {
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
    ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
  };
}

function variables(
  own: Readonly<Record<string, string>>,
  { task, run, deadline }: MarkedRun,
  traceparent: string | undefined,
): { name: string; value: string }[] {
  const json = JSON.stringify(task);
  const bytes = Buffer.byteLength(json);
  if (bytes > maxTaskBytes)
    throw new RuntimeError(
      "rejected",
      `The task is ${bytes} bytes of JSON. A pod takes at most ${maxTaskBytes}; store what is large elsewhere.`,
    );
  const ours = {
    MAYFLY_TASK: json,
    MAYFLY_TASK_ID: task.id,
    MAYFLY_RUN: String(run),
    MAYFLY_DEADLINE: new Date(deadline).toISOString(),
    ...(traceparent === undefined ? {} : { TRACEPARENT: traceparent }),
  };
  return Object.entries({ ...own, ...ours }).map(([name, value]) => ({ name, value: verbatim(value) }));
}

/**
 * Nodes replace `$(NAME)` in commands and variables by the value of a variable, and `$$` by `$`: a task that has such
 * text in an attribute must get it as it is.
 */
function verbatim(text: string): string {
  return text.replaceAll("$", "$$$$");
}
